import { CHECK_PARTS } from '../check/check-parts.ts';
import { listParts, runParts } from '../check/parts.ts';

const HELP = `Runs what is worth knowing before a push, in seconds:

${listParts(CHECK_PARTS)}
`;

/** `npm run check`: a short part of the tests. Returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  if (argv.includes('--help')) process.stdout.write(HELP);
  else await runParts({ parts: [...CHECK_PARTS], args: [] });
  return 0;
}
