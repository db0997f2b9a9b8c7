import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { invariant } from '../../domain/invariant.ts';
import { ROOT } from '../root.mjs';
import { BUNDLE, FUNCTION_RUNNER } from './bundle-options.ts';

/** What only remote stores and processing need, with all their packages. See lib/transfer/threads/start-worker.ts. */
const LEFT_OUT = [
  'lib/stores/s3/s3-store.ts',
  'lib/stores/ebs/snapshot-store.ts',
  'lib/transfer/process/processor.ts',
];

/** Leaves files out of a program. Fails when one of them is not met: it has moved, and is in the program now. */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup: ({ onResolve, onLoad, onEnd }) => {
    const unmet = new Set(LEFT_OUT.map((path) => `${ROOT}${path}`));
    const leftOut = new Set(unmet);
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      unmet.delete(file);
      return leftOut.has(file) ? { path, namespace: 'left-out' } : undefined;
    });
    // CommonJS: whatever is imported from it is undefined. Nothing in such a thread reaches it.
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
    onEnd(() => ({
      errors: [...unmet].map((file) => ({
        text: `${file} is to be left out of the program of threads, and nothing there imports it: correct LEFT_OUT`,
      })),
    }));
  },
};

/** A program of threads that is handed out as text. */
const program = (functionRunner: string) =>
  ({
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
  }) satisfies BuildOptions;

/** The program of any thread as text, for tests: from TypeScript a thread takes seconds to start. */
export async function bundleWholeThread(): Promise<string> {
  const runner = readFileSync(FUNCTION_RUNNER, 'utf8');
  const { outputFiles } = await build({ ...program(runner), external: ['sharp'] });
  return outputFiles.map(({ text }) => text).join('');
}

/**
 * The program of most threads as text: a tenth of the whole bundle, which a thread would read and compile anew.
 * Throws when a package has found its way into it.
 */
export async function bundleThread(): Promise<string> {
  const { outputFiles, metafile } = await build({ ...program(''), plugins: [leaveOut] });
  const foreign = Object.keys(metafile.inputs).find((path) => path.includes('node_modules/'));
  invariant(
    !foreign,
    `the program of threads has ${foreign} in it: import it only behind one of ${LEFT_OUT.join(', ')}, or add to them`,
  );
  return outputFiles.map(({ text }) => text).join('');
}
