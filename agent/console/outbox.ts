import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isTemporary, publish } from '../../lib/files/durable.ts';
import { makeFolders } from '../../lib/files/file-access.ts';
import { onState } from '../host/state-errors.ts';

/**
 * What the console should be told about a job, kept until it has been: one file an event in the job's state.
 * Files instead of one log, so that `copy` and `waybill sync` may use the same outbox at the same time.
 */

/** An event with the id by which the console knows it: sending it twice changes nothing. */
export interface Waiting<E> {
  /** UUID. */
  id: string;
  /** ISO 8601, by this host's clock: for people. The order is the order of the files. */
  at: string;
  event: E;
}

export interface Outbox<E> {
  /** Keeps an event durably. One of the same `replaces` name that was not sent yet gives way to it. Throws StateUnavailable. */
  add(event: E, replaces?: string): void;
  /** The oldest events, in order. */
  waiting(max: number): { path: string; item: Waiting<E> }[];
  count(): number;
  /** Forgets an event that was sent or refused for good. */
  remove(path: string): void;
}

const SUFFIX = '.json';
/** Beyond it new events that replace nothing are dropped: a host that is offline for a year keeps its disk. */
const EVENTS_MAX = 10_000;

/** Opens the outbox of a job's state directory. */
export function openOutbox<E>(stateDir: string, now: () => number = Date.now): Outbox<E> {
  const dir = join(stateDir, 'outbox');
  let last = 0;
  const names = (): string[] => {
    try {
      return readdirSync(dir)
        .filter((name) => name.endsWith(SUFFIX) && !isTemporary(name))
        .sort();
    } catch {
      return [];
    }
  };
  // Microseconds since 1970, made to increase; a clock that was set back does not reorder what waits.
  const nextNumber = (): string => {
    const newest = Number(names().at(-1)?.slice(0, 16) ?? 0);
    last = Math.max(now() * 1000, last + 1, newest + 1);
    return String(last).padStart(16, '0');
  };
  return {
    add(event, replaces = '') {
      const old = replaces === '' ? [] : names().filter((n) => n.endsWith(`~${replaces}${SUFFIX}`));
      if (old.length === 0 && names().length >= EVENTS_MAX) return;
      const item: Waiting<E> = { id: randomUUID(), at: new Date(now()).toISOString(), event };
      const tag = replaces === '' ? '' : `~${replaces}`;
      const name = `${nextNumber()}-${item.id}${tag}${SUFFIX}`;
      onState(stateDir, () => {
        makeFolders(dir, 0o700);
        publish(join(dir, name), JSON.stringify(item), 0o600);
        for (const before of old) rmSync(join(dir, before), { force: true });
      });
    },
    waiting: (max) =>
      names()
        .slice(0, max)
        .flatMap((name) => {
          const path = join(dir, name);
          const item = readItem<E>(path);
          return item ? [{ path, item }] : [];
        }),
    count: () => names().length,
    remove: (path) => rmSync(path, { force: true }),
  };
}

/** Another process may have sent it meanwhile; a file that cannot be read is put aside. */
function readItem<E>(path: string): Waiting<E> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Waiting<E>;
  } catch (error) {
    if (error instanceof SyntaxError) renameSync(path, `${path}.unreadable`);
    return undefined;
  }
}
