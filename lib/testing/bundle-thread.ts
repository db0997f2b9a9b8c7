import type { TestProject } from 'vitest/node';
import { bundleThread, bundleWholeThread } from '../launch/bundle/bundle-thread.ts';

/** Bundles the programs of threads once for all tests: from TypeScript each thread would take a second to start. */
export default async function setup(project: TestProject): Promise<void> {
  const [small, whole] = await Promise.all([bundleThread(), bundleWholeThread()]);
  project.provide('threadProgram', small);
  project.provide('wholeThreadProgram', whole);
}
