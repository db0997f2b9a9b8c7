/** `npm run torture`: installs what is missing, then does to transfers what the world does to them. */
import { installPackages } from './install.mjs';

await installPackages();
if (!process.argv.includes('--help')) {
  const { bundleAgent } = await import('./bundle/bundle.mjs');
  await bundleAgent();
}
const { register } = await import('tsx/esm/api');
register();
const { torture } = await import('../testing/torture/main.ts');
process.exitCode = await torture(process.argv.slice(2));
