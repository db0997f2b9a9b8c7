import { readFileSync } from 'node:fs';
import type { BuildOptions } from 'esbuild';
import { ROOT } from '../root.mjs';

const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };

/** What esbuild is told of every program. */
export const BUNDLE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  legalComments: 'none',
  define: { __WAYBILL_VERSION__: JSON.stringify(version) },
} satisfies BuildOptions;

/** What a function's process runs; it is handed out as text. */
export const FUNCTION_RUNNER = `${ROOT}lib/processing/function/function-runner.mjs`;
