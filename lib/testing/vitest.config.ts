import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['lib/**/*.test.ts', 'agent/**/*.test.ts', 'app/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['lib/testing/bundle-thread.mjs', 'lib/testing/made-keys.ts'],
    setupFiles: ['lib/testing/thread-program.ts', 'lib/testing/given-keys.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two workers match the smallest machine; process tests start agents of their own.
    maxWorkers: Number(process.env.MW ?? 2),
  },
});
