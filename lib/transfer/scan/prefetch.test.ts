import { expect, test } from 'vitest';
import { Prefetcher } from './prefetch.ts';
import type { ScanEntry } from './scan-list.ts';
import type { SourceObject, SourceOpener } from './source-spec.ts';

const entryOf = (i: number, bytes = 10): ScanEntry => ({
  key: Buffer.from(`k${i}`),
  bytes,
  mtimeNs: 0n,
  mode: 0o644,
  replaces: false,
  unsettled: false,
});

test('small objects are open before their turn, each once, and what nobody takes is closed', async () => {
  const entries = Array.from({ length: 40 }, (_, i) => entryOf(i, i === 5 ? 2e6 : 10));
  const opened: string[] = [];
  let open = 0;
  const opener: SourceOpener = async ({ key, bytes }) => {
    opened.push(key.toString());
    open += 1;
    if (key.toString() === 'k7') throw new Error('k7 is gone');
    const object: SourceObject = {
      bytes,
      mtimeNs: 0n,
      mode: 0o644,
      read: () => 0,
      changed: () => false,
      close: () => {
        open -= 1;
      },
    };
    return object;
  };
  const ahead = new Prefetcher(opener, entries);
  const first = await ahead.open(entries[0] as ScanEntry, false);
  expect(opened).toHaveLength(16);
  expect(opened).not.toContain('k5');
  await first.close();
  for (const entry of entries.slice(1, 20)) {
    const taken = Promise.resolve(ahead.open(entry, false));
    if (entry.key.toString() === 'k7') await expect(taken).rejects.toThrow('k7 is gone');
    else await (await taken).close();
  }
  await ahead.close();
  expect(new Set(opened).size).toBe(opened.length);
  // The one that failed was never open.
  expect(open).toBe(1);
});
