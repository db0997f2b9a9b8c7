import { bundleThread } from '../launch/bundle-thread.mjs';

/** Bundles the program of threads once for all tests: from TypeScript each thread would take a second to start. */
export default async function setup(project) {
  project.provide('threadProgram', await bundleThread());
}
