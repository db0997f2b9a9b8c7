import type { NotificationChoice } from '../../lib/domain/notifications.ts';
import { isWord, JOB_STATES } from '../../lib/domain/words.ts';
import { JOB_STATE_SIGNS } from './status.tsx';

/** A choice in words: "all states, incidents". */
export function describeChoice({ notifyAll, states, attention }: NotificationChoice): string {
  const some = states.filter((state) => isWord(JOB_STATES, state));
  const named = some.map((state) => JOB_STATE_SIGNS[state][1].toLowerCase()).join(', ');
  const told = notifyAll ? 'all states' : named || 'no states';
  return attention ? `${told}; incidents` : told;
}
