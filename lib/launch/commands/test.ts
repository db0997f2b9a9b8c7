import { EXIT, isWaybillError } from '../../domain/errors.ts';
import { chooseParts, listParts, runParts } from '../check/parts.ts';
import { TEST_PARTS } from '../check/test-parts.ts';

const HELP = `Runs the parts of the tests in this order, up to the first that fails:

${listParts(TEST_PARTS)}

  npm test                             all of them
  npm test -- lint types               some of them
  npm test -- unit lib/transfer        one of them; what follows its name is for its tool
  npm run test:unit -- lib/transfer    the same
`;

/** `npm test`: all parts of the tests, or those that are named. Returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  if (argv[0] === '--help') {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  try {
    await runParts(chooseParts(argv, TEST_PARTS));
    return EXIT.done;
  } catch (error) {
    if (!isWaybillError(error, 'Usage')) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return error.exit;
  }
}
