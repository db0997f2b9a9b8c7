import { buildIfNeeded } from '../build.ts';
import { demo } from '../demo/demo.ts';

/** `npm run demo`: builds what is missing, then carries one real transfer through its whole life. */
export async function main(argv: string[]): Promise<number> {
  if (!argv.includes('--help')) await buildIfNeeded();
  return await demo(argv);
}
