import { bench } from '../../../e2e/bench/main.ts';
import { bundleAgent, bundleProgram } from '../bundle/bundle.ts';
import { ROOT } from '../root.mjs';

/** `npm run bench`: bundles the agent as it is shipped, and runs it beside its peers. */
export async function main(argv: string[]): Promise<number> {
  if (!argv.includes('--help')) {
    await bundleAgent();
    if (argv.includes('--s3'))
      await bundleProgram(`${ROOT}lib/testing/unload-process.ts`, `${ROOT}dist/bench-unload.mjs`);
  }
  return await bench(argv);
}
