import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../lib/testing/temp.ts';
import { openOutbox } from './outbox.ts';

const events = (outbox: ReturnType<typeof openOutbox<string>>) =>
  outbox.waiting(1000).map(({ item }) => item.event);

describe('the outbox', () => {
  test('gives back what was added, in order, also to another process', () => {
    const dir = tempDir();
    const added = Array.from({ length: 30 }, (_, i) => `event ${i}`);
    for (const event of added) openOutbox<string>(dir).add(event);
    expect(events(openOutbox(dir))).toEqual(added);
    expect(openOutbox<string>(dir).waiting(2)).toHaveLength(2);
  });

  test('keeps its order when the clock is set back', () => {
    const dir = tempDir();
    let ms = 2_000_000;
    const outbox = openOutbox<string>(dir, () => ms);
    outbox.add('first');
    ms = 1_000_000;
    outbox.add('second');
    openOutbox<string>(dir, () => ms).add('third');
    expect(events(outbox)).toEqual(['first', 'second', 'third']);
  });

  test('an event keeps its id until it is removed', () => {
    const outbox = openOutbox<string>(tempDir());
    outbox.add('a');
    outbox.add('b');
    const [first] = outbox.waiting(1);
    expect(outbox.waiting(1)[0]?.item.id).toBe(first?.item.id);
    outbox.remove(first?.path ?? '');
    expect(events(outbox)).toEqual(['b']);
    outbox.remove(first?.path ?? '');
    expect(outbox.count()).toBe(1);
  });

  test('progress replaces progress and nothing else', () => {
    const outbox = openOutbox<string>(tempDir());
    outbox.add('copying');
    for (let i = 0; i < 50; i += 1) outbox.add(`progress ${i}`, 'progress');
    outbox.add('sealed');
    expect(events(outbox)).toEqual(['copying', 'progress 49', 'sealed']);
  });

  test('a file cut off by a power failure does not hold up the others', () => {
    const dir = tempDir();
    const outbox = openOutbox<string>(dir);
    outbox.add('a');
    outbox.add('b');
    const [name = ''] = readdirSync(join(dir, 'outbox')).sort();
    writeFileSync(join(dir, 'outbox', name), '{"id":');
    expect(events(outbox)).toEqual(['b']);
    expect(outbox.count()).toBe(1);
  });

  test('is bounded', () => {
    const dir = tempDir();
    const outbox = openOutbox<string>(dir);
    outbox.add('first');
    for (let i = 0; i < 10_000; i += 1)
      writeFileSync(join(dir, 'outbox', `9${String(i).padStart(15, '0')}-x.json`), '{}');
    outbox.add('one too many');
    expect(outbox.count()).toBe(10_001);
  });
});
