/** `npm run bench`: installs what is missing, bundles the agent as it is shipped, and runs it beside its peers. */
import { installPackages } from './install.mjs';

await installPackages();
if (!process.argv.includes('--help')) {
  const { bundleAgent } = await import('./bundle.mjs');
  await bundleAgent();
}
const { register } = await import('tsx/esm/api');
register();
const { bench } = await import('../../e2e/bench/main.ts');
process.exitCode = await bench(process.argv.slice(2));
