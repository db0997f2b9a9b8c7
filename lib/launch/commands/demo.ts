/** `npm run demo`: installs and builds what is missing, then carries one real transfer through its whole life. */
import { buildIfNeeded } from './build.mjs';
import { installPackages } from './install.mjs';

if (process.argv.includes('--help')) await installPackages();
else await buildIfNeeded();
const { register } = await import('tsx/esm/api');
register();
const { demo } = await import('./demo/demo.ts');
process.exitCode = await demo(process.argv.slice(2));
