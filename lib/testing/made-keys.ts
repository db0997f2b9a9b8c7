import type { TestProject } from 'vitest/node';
import { newKeyPair } from '../keys/key-pairs.ts';

/** More than a test takes. */
const PAIRS = 12;

/** Makes RSA keys once for all tests: with two of them a job, they would be a third of what the tests cost. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('keyPairs', await Promise.all(Array.from({ length: PAIRS }, newKeyPair)));
}
