import { bundleThread, bundleWholeThread } from '../launch/bundle/bundle-thread.mjs';

/** Bundles the programs of threads once for all tests: from TypeScript each thread would take a second to start. */
export default async function setup(project) {
  const [small, whole] = await Promise.all([bundleThread(), bundleWholeThread()]);
  project.provide('threadProgram', small);
  project.provide('wholeThreadProgram', whole);
}
