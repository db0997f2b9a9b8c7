/** `npm run bench`: installs what is missing, bundles the agent as it is shipped, and runs it beside its peers. */
import { installPackages } from './install.mjs';
import { ROOT } from './root.mjs';

await installPackages();
if (!process.argv.includes('--help')) {
  const { bundleAgent, bundleProgram } = await import('./bundle/bundle.mjs');
  await bundleAgent();
  if (process.argv.includes('--s3'))
    await bundleProgram(`${ROOT}lib/testing/unload-process.ts`, `${ROOT}dist/bench-unload.mjs`);
}
const { register } = await import('tsx/esm/api');
register();
const { bench } = await import('../../e2e/bench/main.ts');
process.exitCode = await bench(process.argv.slice(2));
