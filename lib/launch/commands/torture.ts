import { torture } from '../../testing/torture/main.ts';
import { bundleAgent } from '../bundle/bundle.ts';

/** `npm run torture`: does to transfers what the world does to them. */
export async function main(argv: string[]): Promise<number> {
  if (!argv.includes('--help')) await bundleAgent();
  return await torture(argv);
}
