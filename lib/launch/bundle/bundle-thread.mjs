import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../root.mjs';
import { BUNDLE, FUNCTION_RUNNER } from './bundle-options.mjs';

/** What only remote stores and processing need, with all their packages. See lib/transfer/threads/start-worker.ts. */
const LEFT_OUT = /\/(lib\/stores\/(s3|ebs-snapshots)|lib\/transfer\/process-object)\.ts$/;

const leaveOut = {
  name: 'leave-out',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) =>
      LEFT_OUT.test(resolve(resolveDir, path)) ? { path, namespace: 'left-out' } : undefined,
    );
    // CommonJS: whatever is imported from it is undefined. Nothing in such a thread reaches it.
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** A program of threads that is handed out as text. */
const program = (functionRunner) => ({
  ...BUNDLE,
  entryPoints: [`${ROOT}lib/transfer/worker-start.ts`],
  format: 'cjs',
  minify: true,
  write: false,
  metafile: true,
  define: {
    ...BUNDLE.define,
    'import.meta.url': JSON.stringify('file:///waybill-thread.mjs'),
    __WAYBILL_FUNCTION_RUNNER__: JSON.stringify(functionRunner),
  },
});

/** The program of any thread as text, for tests: from TypeScript a thread takes seconds to start. */
export async function bundleWholeThread() {
  const runner = readFileSync(FUNCTION_RUNNER, 'utf8');
  const { outputFiles } = await build({ ...program(runner), external: ['sharp'] });
  return outputFiles[0].text;
}

/**
 * The program of most threads as text: a tenth of the whole bundle, which a thread would read and compile anew.
 * Throws when a package has found its way into it.
 */
export async function bundleThread() {
  const { outputFiles, metafile } = await build({ ...program(''), plugins: [leaveOut] });
  const packages = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/'));
  if (packages.length > 0)
    throw new Error(
      `the program of threads has ${packages[0]} in it: import it only behind ${LEFT_OUT} or a new entry there`,
    );
  return outputFiles[0].text;
}
