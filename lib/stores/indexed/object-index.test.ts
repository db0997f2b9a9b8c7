import { appendFileSync, copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../testing/temp.ts';
import { INDEX_FILE, type NewEntry, ObjectIndex } from './object-index.ts';

const entry = (key: string, id: string): NewEntry => ({
  key: Buffer.from(key),
  id,
  bytes: 3,
  mtimeNs: -5n,
  mode: 0o640,
  checksums: { sum: 'abc' },
});

function newIndex() {
  const dir = tempDir();
  const open = () => new ObjectIndex(dir, /^id\d+$/);
  return { index: open(), open, path: join(dir, INDEX_FILE) };
}

const idsByKey = (index: ObjectIndex) =>
  Object.fromEntries([...index.entries()].map(([key, { id }]) => [key, id]));

describe('an index', () => {
  test('has one JSON line an entry, and gives back what it was told', () => {
    const { index, open, path } = newIndex();
    index.append([entry('a\nb', 'id1')]);
    expect(readFileSync(path, 'utf8')).toBe(
      '{"key":"a\\nb","id":"id1","bytes":3,"mtimeNs":"-5","mode":416,"sum":"abc"}\n',
    );
    const { checksums: _, ...kept } = entry('a\nb', 'id1');
    expect([...open().entries().values()]).toEqual([kept]);
  });

  test('lets the last line of a key count, and still knows the ids before', () => {
    const { index, open } = newIndex();
    index.append([entry('a', 'id1'), entry('b', 'id2')]);
    index.append([entry('a', 'id3')]);
    expect(idsByKey(open())).toEqual({ a: 'id3', b: 'id2' });
    expect(index.ids()).toEqual(new Set(['id1', 'id2', 'id3']));
  });

  test('shows what others added since it was read', () => {
    const { index, open } = newIndex();
    const other = open();
    expect(idsByKey(other)).toEqual({});
    for (let i = 0; i < 5; i += 1) {
      index.append([entry(`key ${i}`, `id${i}`)]);
      expect(idsByKey(other)[`key ${i}`]).toBe(`id${i}`);
      other.append([entry('by the other', `id${i}`)]);
    }
    expect(index.entries().size).toBe(6);
  });

  test('shows a line when its end has arrived', () => {
    const { index, path } = newIndex();
    const line = '{"key":"slow","id":"id9","bytes":3,"mtimeNs":"0","mode":420}\n';
    appendFileSync(path, line.slice(0, 30));
    expect(idsByKey(index)).toEqual({});
    appendFileSync(path, line.slice(30));
    expect(idsByKey(index)).toEqual({ slow: 'id9' });
  });

  test('longer than one read comes back whole', () => {
    const { index, open } = newIndex();
    const all = Array.from({ length: 3000 }, (_, i) => entry(`${i}/${'x'.repeat(900)}`, `id${i}`));
    index.append(all);
    expect(open().entries().size).toBe(3000);
  });
});

describe('what a crash left of a line', () => {
  const LINE = '{"key":"torn","id":"id9","bytes":3,"mtimeNs":"0","mode":420}';

  test.each([1, 20, LINE.length - 1, LINE.length])('%i bytes of it cost no other line', (bytes) => {
    const { index, open, path } = newIndex();
    index.append([entry('a', 'id1')]);
    appendFileSync(path, LINE.slice(0, bytes));
    expect(idsByKey(open())).toEqual({ a: 'id1' });
    open().append([entry('b', 'id2')]);
    // A line that lacked nothing but its newline is whole.
    const torn = bytes === LINE.length ? { torn: 'id9' } : {};
    for (const opened of [index, open()])
      expect(idsByKey(opened)).toEqual({ a: 'id1', b: 'id2', ...torn });
  });

  test('written between two of ours makes us write again what it swallowed', () => {
    const { index, open, path } = newIndex();
    index.append([entry('a', 'id1')]);
    const swallowing = [entry('b', 'id2'), entry('c', 'id3')];
    // Between the look at the end of the file and our write, another's write breaks off.
    const checksums = swallowing[0]?.checksums ?? {};
    let broken = false;
    Object.defineProperty(checksums, 'late', {
      enumerable: true,
      get: () => {
        if (!broken) appendFileSync(path, '{"key":"br');
        broken = true;
        return '';
      },
    });
    index.append(swallowing);
    for (const opened of [index, open()])
      expect(idsByKey(opened)).toEqual({ a: 'id1', b: 'id2', c: 'id3' });
  });
});

describe('an index that is not ours', () => {
  test('is refused where a line is of another format', () => {
    const good = '{"key":"a","id":"id1","bytes":1,"mtimeNs":"0","mode":420}';
    const wrong = [
      ...['"text"', 'null', '[]', '{}'],
      good.replace('id1', '../../etc/passwd'),
      good.replace('"bytes":1', '"bytes":-1'),
      good.replace('"0"', '0'),
    ];
    for (const line of wrong) {
      const { index, path } = newIndex();
      writeFileSync(path, `${good}\n${line}\n`);
      expect(() => index.entries(), line).toThrow(/index.jsonl has a line/);
    }
  });

  test('is read anew when a copy was put in its place', () => {
    const { index, path } = newIndex();
    index.append([entry('a', 'id1')]);
    copyFileSync(path, `${path}.copy`);
    index.append([entry('b', 'id2')]);
    expect(index.entries().size).toBe(2);
    copyFileSync(`${path}.copy`, path);
    expect(idsByKey(index)).toEqual({ a: 'id1' });
  });

  test('is refused when it is a link', () => {
    const { index, path } = newIndex();
    writeFileSync(`${path}.target`, '');
    symlinkSync(`${path}.target`, path);
    expect(() => index.entries()).toThrow(/is not a file/);
    expect(() => index.append([entry('a', 'id1')])).toThrow(/ELOOP/);
    expect(readFileSync(`${path}.target`, 'utf8')).toBe('');
  });
});
