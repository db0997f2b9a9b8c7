import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['lib/**/*.test.ts', 'agent/**/*.test.ts', 'app/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['lib/testing/bundle-thread.ts', 'lib/testing/made-keys.ts'],
    setupFiles: ['lib/testing/thread-program.ts', 'lib/testing/given-keys.ts'],
    // Only what hangs takes so long: a busy host is no failure.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Tests wait for disks, servers and agents half of their time: two at once keep a core busy.
    maxWorkers: 2 * availableParallelism(),
  },
});
