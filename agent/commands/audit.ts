import { EXIT } from '../../lib/domain/errors.ts';
import { consoleClient } from '../console-client.ts';
import type { Context, Finished } from '../context.ts';
import { custodyItem } from '../output/custody-lines.ts';
import type { ConsoleOptions } from '../sign-in.ts';

/** Checks the whole hash chain of the custody log; exit code 1 when it is broken. */
export async function verifyAudit(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { entries, brokenAt, head } = await consoleClient(options).client.call('verifyCustody');
  const whole = brokenAt === null;
  const lines = whole
    ? [`the custody log is whole: ${entries} entries, head ${head}`]
    : [`the custody log is broken at entry ${brokenAt}`];
  output.result({ facts: { entries, brokenAt, head }, lines });
  return whole ? EXIT.done : EXIT.problems;
}

const PAGE = 500;

/** Lists entries of the custody log, newest first. */
export async function listAudit(
  options: ConsoleOptions & { limit: number },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  let left = options.limit;
  let before: number | null = null;
  do {
    const query = { limit: Math.min(PAGE, left), ...(before === null ? {} : { before }) };
    const page: Awaited<ReturnType<typeof read>> = await read(query);
    for (const entry of page.entries) output.item(custodyItem(entry));
    left -= page.entries.length;
    before = page.next;
  } while (before !== null && left > 0);
  const entries = options.limit - left;
  output.result({ facts: { entries, more: before !== null }, lines: [`${entries} entries`] });
  return 0;

  async function read(query: { limit: number; before?: number }) {
    return client.call('listCustody', { query });
  }
}
