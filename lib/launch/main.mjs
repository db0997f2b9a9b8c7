/**
 * Starts a command of package.json: `node lib/launch/main.mjs NAME …` runs `main` of `commands/NAME.ts`. What is imported
 * here runs with nothing installed: plain JavaScript, nothing but Node. All the rest is TypeScript, which Node 20 leaves
 * to tsx.
 */
import { installPackages } from './install.mjs';

const [name, ...argv] = process.argv.slice(2);
await installPackages();
const { register } = await import('tsx/esm/api');
register();
const { main } = await import(`./commands/${name}.ts`);
process.exitCode = await main(argv);
