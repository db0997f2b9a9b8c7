import { buildIfNeeded } from '../build.ts';
import { start } from '../start.ts';

/** `npm start`: builds what is missing, then serves the console. */
export async function main(argv: string[]): Promise<number> {
  if (!argv.includes('--help')) await buildIfNeeded();
  return await start(argv);
}
