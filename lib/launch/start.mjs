/** `npm start`: installs and builds what is missing, then serves the console. */
import { buildIfNeeded } from './build.mjs';

if (!process.argv.includes('--help')) await buildIfNeeded();
const { register } = await import('tsx/esm/api');
register();
const { start } = await import('./start.ts');
await start(process.argv.slice(2));
