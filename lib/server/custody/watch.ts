import type { ServerContext } from '../context/server-context.ts';
import { checkCustody, type FullCheck, isWhole } from './check.ts';

type Watched = Pick<ServerContext, 'db' | 'authority' | 'paths' | 'log' | 'custody'>;

const FIRST_MS = 10_000;
const EVERY_MS = 3_600_000;

/** Checks the whole custody log and says what speaks against it: to whoever opens the overview, and in the console's log. */
export async function lookAtCustody(context: Watched, now: Date): Promise<void> {
  const check = await checkCustody(context, [], now);
  const alarm = isWhole(check) ? null : whatIsWrong(check);
  if (alarm && alarm !== context.custody.alarm)
    context.log.error({ alarm }, 'the custody log is not the one that was written');
  context.custody.alarm = alarm;
}

const whatIsWrong = ({ brokenAt, heads }: FullCheck): string =>
  brokenAt === undefined
    ? (heads.problems[0]?.says ?? 'it contradicts a signed head')
    : `the chain is broken at entry ${brokenAt}`;

/** Looks soon after the console has started, when the first head is signed, and every hour. */
export function startCustodyWatch(context: Watched): () => void {
  const look = () =>
    void lookAtCustody(context, new Date()).catch((error: unknown) =>
      context.log.error({ error: String(error) }, 'the custody log could not be checked'),
    );
  const timers = [setTimeout(look, FIRST_MS), setInterval(look, EVERY_MS)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
