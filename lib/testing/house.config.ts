import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests that read the sources alone: they need nothing of what the others are given, and end in a second. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { include: ['lib/testing/{tidy,structure}.test.ts'], environment: 'node' },
});
