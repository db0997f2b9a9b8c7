import { appendFileSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../testing/temp.ts';
import { UNLOAD_JOURNAL, UnloadJournal } from './journal.ts';
import type { UnloadDone } from './unload-task.ts';

const HEAD = '{"seal":"a"}';

function page(number: number, failed = 0): UnloadDone {
  const rest = { bytes: 10, alreadyPresent: 0, damaged: 0, refused: 0, unnamable: 0 };
  const counts = { objects: 1 - failed, failed, ...rest };
  const line = `object-${number}\r\n`;
  return {
    page: number,
    counts,
    success: failed ? '' : line,
    failure: failed ? line : '',
    failed: failed ? [[4, 1]] : [],
  };
}

/** A journal that was written up to these pages and then left as a kill leaves it. */
function written(...pages: UnloadDone[]): { dir: string; journal: string } {
  const dir = tempDir();
  const journal = new UnloadJournal(dir, HEAD);
  for (const one of pages) journal.add(one);
  return { dir, journal: join(dir, UNLOAD_JOURNAL) };
}

function opened(dir: string, head = HEAD): UnloadJournal {
  const journal = new UnloadJournal(dir, head);
  journal.close();
  return journal;
}

const successes = (dir: string): string[] =>
  readFileSync(join(dir, 'success.csv'), 'utf8').match(/object-\d+/g) ?? [];

describe('the journal of an unload', () => {
  test('goes on after its last page', () => {
    const { dir } = written(page(1), page(2));
    expect([...opened(dir).done]).toEqual([1, 2]);
    expect(opened(dir).counts.objects).toBe(2);
    expect(successes(dir)).toEqual(['object-1', 'object-2']);
  });

  test('starts anew for another seal or destination', () => {
    const { dir } = written(page(1));
    expect(opened(dir, '{"seal":"b"}').done.size).toBe(0);
    expect(opened(dir).done.size).toBe(0);
    expect(successes(dir)).toEqual([]);
  });

  test.each([
    ['cut off', (line: string) => line.slice(0, 20)],
    ['torn in its middle', (line: string) => `${'\0'.repeat(20)}${line.slice(20)}\n`],
    ['followed by another', (line: string) => `${'\0'.repeat(20)}\n${line}\n`],
  ])('forgets a last line that is %s, also when more follow it', (_, torn) => {
    const { dir, journal } = written(page(1));
    const line = readFileSync(journal, 'utf8').split('\n')[1] ?? '';
    appendFileSync(journal, torn(line.replace('"page":1', '"page":2')));
    const next = new UnloadJournal(dir, HEAD);
    expect([...next.done]).toEqual([1]);
    next.add(page(3));
    next.close();
    expect([...opened(dir).done]).toEqual([1, 3]);
    expect(successes(dir)).toEqual(['object-1', 'object-3']);
  });

  test.each(['success.csv', 'failure.csv'])('starts anew when %s is not there any more', (log) => {
    const { dir } = written(page(1));
    rmSync(join(dir, log));
    expect(opened(dir).done.size).toBe(0);
  });

  test('starts anew when a log is shorter than it says', () => {
    const { dir } = written(page(1));
    const log = join(dir, 'success.csv');
    truncateSync(log, statSync(log).size - 1);
    expect(opened(dir).done.size).toBe(0);
  });

  test('does just the failed objects again, and keeps the others in their logs', () => {
    const { dir } = written(page(1), page(2, 1), page(3));
    const next = new UnloadJournal(dir, HEAD);
    expect([...next.done]).toEqual([1, 3]);
    expect([...next.retries]).toEqual([[2, [[4, 1]]]]);
    expect(next.counts).toMatchObject({ objects: 2, failed: 0 });
    expect(readFileSync(join(dir, 'failure.csv'), 'utf8')).not.toContain('object-2');
    // Cut off here, it is the same again.
    next.close();
    const again = new UnloadJournal(dir, HEAD);
    expect([...again.retries.keys()]).toEqual([2]);
    again.add(page(2));
    again.close();
    expect(successes(dir)).toEqual(['object-1', 'object-3', 'object-2']);
    const last = opened(dir);
    expect([...last.done].sort()).toEqual([1, 2, 3]);
    expect(last.counts).toMatchObject({ objects: 3, failed: 0 });
  });
});
