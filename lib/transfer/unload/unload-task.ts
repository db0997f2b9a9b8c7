import { isWaybillError } from '../../domain/errors.ts';
import { keyOfPath } from '../../domain/key-map.ts';
import { objectFault, REFUSED_OBJECT } from '../../domain/object-attempts.ts';
import { keyProblem } from '../../domain/object-keys.ts';
import { csvLine, printableKey, type ReportRow } from '../../domain/report.ts';
import { Stopped } from '../../domain/stopped.ts';
import { openStore } from '../../stores/open.ts';
import { Semaphore } from '../../stores/remote/semaphore.ts';
import type { FlushProblem } from '../../stores/store.ts';
import type { StreamedPage } from '../../volume/catalog/page.ts';
import { openVolume } from '../../volume/open-volume.ts';
import { Digester } from '../checksums/digest-thread.ts';
import { StoreJudge } from '../judge/store-judge.ts';
import { named } from '../report/object-attempts.ts';
import { type Control, stopSignal } from '../threads/control.ts';
import { mapConcurrent } from '../threads/map-concurrent.ts';
import type { Task, TaskKind } from '../threads/task.ts';
import {
  isNameProblem,
  keyOf,
  type Unloader,
  type UnloadItem,
  unloadObject,
} from './unload-object.ts';
import type { UnloadSetup } from './unload-setup.ts';

/** What an object fails with when it is the device that is damaged. */
const DEVICES_OWN: ReadonlySet<string> = new Set([
  'FrameDamaged',
  'PayloadDamaged',
  'VolumeInvalid',
]);

/** One job: a page, and the positions of its records that do not count. */
export interface UnloadJob {
  page: number;
  replaced: number[];
  /** Only the records at these positions, each with the attempts of earlier runs; all of the page when missing. */
  only?: FailedRecords | undefined;
}

/** Records of a page that failed: position and attempts of each. */
export type FailedRecords = [position: number, attempts: number][];

/** A page's lines for the two logs, and its counts. */
export interface UnloadDone {
  page: number;
  success: string;
  failure: string;
  failed: FailedRecords;
  /** What the store said of the last one that it did not take. */
  refusal?: string | undefined;
  counts: {
    objects: number;
    bytes: number;
    alreadyPresent: number;
    failed: number;
    /** Of the failed ones, those that the volume's damage cost. */
    damaged: number;
    /** Of the failed ones, those that the store did not take. */
    refused: number;
    /** Of the failed ones, those that have no name in the tree, and would have one if names were mapped. */
    unnamable: number;
  };
}

export const UNLOAD_TASK: TaskKind<UnloadSetup, UnloadJob, UnloadDone | undefined, never> = {
  name: 'unload',
  make: unloadTask,
};

/** Writes a page's objects to the store, each compared with the checksums taken at the source. */
function unloadTask(setup: UnloadSetup, control: Control): Task<UnloadJob, UnloadDone | undefined> {
  const volume = openVolume(setup);
  const stop = stopSignal(control);
  const store = openStore(setup.store, stop.signal);
  const unloader: Unloader = {
    setup,
    control,
    digester: new Digester(control),
    reader: volume.reader(),
    store,
    judge: new StoreJudge(store, setup.prefix),
    readLock: new Semaphore(1),
    beside: setup.keysBeside && new Set(setup.keysBeside),
  };
  return {
    handle: async ({ page: number, replaced, only }) => {
      try {
        const counted = itemsOf(volume.openPage(number), replaced, only);
        const items = store.expect ? await expected(unloader, [...counted]) : counted;
        const positions: number[] = [];
        const rows = await mapConcurrent(noting(items, positions), store.concurrency, (item) => {
          if (control.stopped) throw new Stopped();
          return unloadObject(unloader, item);
        });
        const problems = await judged(unloader, await store.flush());
        return summarize(unloader, number, { rows, positions }, problems);
      } catch (error) {
        if (error instanceof Stopped) return undefined;
        throw error;
      }
    },
    finish: async () => {
      await unloader.digester.close();
      unloader.reader.close();
      await store.close();
      stop.end();
    },
  };
}

/** The records of a page that count; of a page that was done before, those that failed. */
function* itemsOf(
  page: StreamedPage,
  replaced: readonly number[],
  only: UnloadJob['only'],
): Generator<UnloadItem> {
  const without = new Set(replaced);
  const wanted = only && new Map(only);
  let position = 0;
  for (const record of page.records) {
    const counts = record.kind !== 'part' && !without.has(position);
    const earlierAttempts = wanted ? wanted.get(position) : 0;
    if (counts && earlierAttempts !== undefined) yield { record, position, earlierAttempts };
    position += 1;
  }
}

function* noting(items: Iterable<UnloadItem>, positions: number[]): Generator<UnloadItem> {
  for (const item of items) {
    positions.push(item.position);
    yield item;
  }
}

/** Lets a remote store look up the keys of a page together; where it cannot say, each is looked up by itself. */
async function expected(unloader: Unloader, items: UnloadItem[]): Promise<UnloadItem[]> {
  const { store, judge } = unloader;
  const keys = items.map(({ record }) => keyOf(unloader, record));
  const legal = keys.filter((key) => !keyProblem(key, store.keyRules));
  try {
    await store.expect?.(legal);
  } catch (error) {
    const isDoubtful = isWaybillError(error) && objectFault(error.code) === 'doubtful';
    if (!isDoubtful || !legal[0]) throw error;
    await judge.judge(legal[0], 1, error);
  }
  return items;
}

/** What the store could not keep after all, each as its own affair. Throws what is the store's as a whole. */
async function judged(unloader: Unloader, problems: FlushProblem[]): Promise<FlushProblem[]> {
  const found: FlushProblem[] = [];
  for (const { key, error } of problems) {
    if (objectFault(error.code) !== 'doubtful') {
      found.push({ key, error });
      continue;
    }
    await unloader.judge.judge(key, 1, error);
    found.push({ key, error: named(error, 1) });
  }
  return found;
}

/** A page's lines and counts. What the store could not keep after all has failed. */
function summarize(
  unloader: Unloader,
  page: number,
  { rows, positions }: { rows: ReportRow[]; positions: number[] },
  problems: FlushProblem[],
): UnloadDone {
  const { beside } = unloader;
  const late = new Map(
    problems.map(({ key, error }) => [printableKey(beside ? keyOfPath(key) : key), error]),
  );
  const done: UnloadDone = {
    page,
    success: '',
    failure: '',
    failed: [],
    counts: {
      objects: 0,
      bytes: 0,
      alreadyPresent: 0,
      failed: 0,
      damaged: 0,
      refused: 0,
      unnamable: 0,
    },
  };
  for (const [i, row] of rows.entries()) {
    const error = late.get(row.key);
    const position = positions[i] ?? 0;
    const final: ReportRow = error
      ? { ...row, result: 'failed', reason: error.code, detail: error.message }
      : row;
    note(done, position, final);
    if (final.result === 'failed' && isNameProblem(unloader, final.reason))
      done.counts.unnamable += 1;
  }
  return done;
}

function note(done: UnloadDone, position: number, row: ReportRow): void {
  if (row.result === 'failed') {
    done.failure += csvLine(row);
    done.failed.push([position, row.attempts ?? 1]);
    done.counts.failed += 1;
    if (row.reason !== '' && REFUSED_OBJECT.includes(row.reason)) {
      done.counts.refused += 1;
      done.refusal = row.detail;
    }
    if (DEVICES_OWN.has(row.reason)) done.counts.damaged += 1;
    return;
  }
  done.success += csvLine(row);
  done.counts.objects += 1;
  done.counts.bytes += row.bytes;
  if (row.result === 'already-present') done.counts.alreadyPresent += 1;
}
