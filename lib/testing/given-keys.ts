import { inject, vi } from 'vitest';
import type { KeyPair } from '../keys/key-pairs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    keyPairs: KeyPair[];
  }
}

// One after the other: no two of a job, and no two jobs of a test, are the same.
vi.mock('../keys/key-pairs.ts', async (original) => {
  const made = inject('keyPairs');
  let taken = 0;
  const newKeyPair = async () => made[taken++ % made.length];
  return { ...(await original<typeof import('../keys/key-pairs.ts')>()), newKeyPair };
});
