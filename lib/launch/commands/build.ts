import { parseArgs } from 'node:util';
import { buildIfNeeded } from '../build.ts';
import { measureAgent } from '../bundle/bundle.ts';
import { describeSizes, recordSizes } from '../bundle/sizes.ts';

/**
 * `npm run build`: bundles the programs and builds the console, if their sources changed. With `--record-sizes` it builds
 * nothing, and notes how large the programs are meant to be.
 */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { 'record-sizes': { type: 'boolean' } } });
  if (!values['record-sizes']) {
    await buildIfNeeded();
    return 0;
  }
  const sizes = await measureAgent();
  recordSizes(sizes);
  console.error(describeSizes(sizes));
  return 0;
}
