/** `npm start`: installs and builds what is missing, then serves the console. */
import { buildIfNeeded } from './build.mjs';
import { installPackages } from './install.mjs';

if (process.argv.includes('--help')) await installPackages();
else await buildIfNeeded();
const { register } = await import('tsx/esm/api');
register();
const { start } = await import('./start.ts');
process.exitCode = await start(process.argv.slice(2));
