import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  listKeys,
  newObject,
  putObject,
  readObject,
  storeWorld,
} from '../../testing/store-world.ts';
import { seededBytes } from '../../testing/trees.ts';
import { TreeHash } from './tree-hash.ts';

interface Line {
  key: string;
  id: string;
  sha256: string;
  treeHash: string;
  crc32: string;
}

const linesOf = (bucketDir: string): Line[] =>
  readFileSync(join(bucketDir, 'index.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const pathOf = (bucketDir: string, id: string) => join(bucketDir, 'archives', id.slice(0, 2), id);

describe('an archive', () => {
  test('is a file that cannot be written, and a line with its checksums', async () => {
    const { store, bucketDir } = storeWorld('glacier');
    const bytes = seededBytes(3, 2_500_000);
    await putObject(store, 'k', [bytes.subarray(0, 999_999), bytes.subarray(999_999)]);
    await store.flush();
    const [line] = linesOf(bucketDir);
    const tree = new TreeHash();
    tree.update(bytes);
    expect(line).toMatchObject({
      key: 'k',
      bytes: bytes.length,
      mode: 0o644,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      treeHash: tree.digest().toString('hex'),
      crc32: crc32(bytes).toString(16).padStart(8, '0'),
    });
    const path = pathOf(bucketDir, line?.id ?? '');
    expect(bytes.equals(readFileSync(path))).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o400);
  });

  test('stays when its key is put again', async () => {
    const { store, bucketDir } = storeWorld('glacier');
    for (const content of ['one', 'two']) await putObject(store, 'k', content);
    await store.flush();
    const contents = linesOf(bucketDir).map(({ id }) =>
      readFileSync(pathOf(bucketDir, id), 'utf8'),
    );
    expect(contents).toEqual(['one', 'two']);
  });

  test('with other bytes than were announced is refused', async () => {
    const { store } = storeWorld('glacier');
    const mismatch = { code: 'ChecksumMismatch' };
    const sha256 = createHash('sha256').update('other').digest();
    await expect(putObject(store, 'k', 'mine', { sha256 })).rejects.toMatchObject(mismatch);
    await expect(putObject(store, 'k', 'mine', { crc32: 1 })).rejects.toMatchObject(mismatch);
    const right = { sha256: createHash('sha256').update('mine').digest(), crc32: crc32('mine') };
    await putObject(store, 'k', 'mine', right);
    // A directory has no bytes that could differ.
    await putObject(store, 'dir/', '', { sha256, crc32: 1 });
    expect(await listKeys(store)).toEqual(['dir/', 'k']);
  });
});

describe('after a crash', () => {
  test('what was committed but not flushed is not there, nor half there', async () => {
    const { store, bucketDir, reopen } = storeWorld('glacier');
    await putObject(store, 'flushed');
    await store.flush();
    await putObject(store, 'lost');
    const unfinished = await store.put(newObject('unfinished'));
    await unfinished.write(Buffer.from('x'));
    appendFileSync(join(bucketDir, 'index.jsonl'), '{"key":"to');
    const later = reopen();
    expect(await listKeys(later)).toEqual(['flushed']);
    await putObject(later, 'lost', 'written again');
    await later.flush();
    expect((await readObject(reopen(), 'lost')).toString()).toBe('written again');
  });

  test('the check removes old archives without a line, and nothing else', async () => {
    const { store, bucketDir, reopen } = storeWorld('glacier');
    for (const content of ['one', 'two']) await putObject(store, 'k', content);
    await store.flush();
    await putObject(store, 'old orphan');
    await putObject(store, 'young orphan');
    const archives = readdirSync(join(bucketDir, 'archives'), { recursive: true })
      .map((name) => join(bucketDir, 'archives', name.toString()))
      .filter((path) => statSync(path).isFile());
    expect(archives).toHaveLength(4);
    const notOurs = join(archives[0] ?? '', '../README');
    writeFileSync(notOurs, 'x');
    const young = archives.find((path) => readFileSync(path, 'utf8') === 'young orphan');
    for (const path of [...archives, notOurs]) if (path !== young) utimesSync(path, 1, 1);
    const abandoned = join(bucketDir, '.waybill-tmp/abandoned');
    mkdirSync(abandoned);
    utimesSync(abandoned, 1, 1);
    await reopen().check();
    const left = archives
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'utf8'));
    expect(left.sort()).toEqual(['one', 'two', 'young orphan']);
    expect([existsSync(abandoned), existsSync(notOurs)]).toEqual([false, true]);
    expect((await readObject(reopen(), 'k')).toString()).toBe('two');
  });
});

describe('a link in the bucket leads nothing outside', () => {
  test('in place of the archives', async () => {
    const { store, root, bucketDir } = storeWorld('glacier');
    const outside = join(root, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(bucketDir, 'archives'));
    await expect(putObject(store, 'k')).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await expect(async () => store.check()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(readdirSync(outside)).toEqual([]);
  });

  test('in place of an archive', async () => {
    const { store, root, bucketDir, reopen } = storeWorld('glacier');
    writeFileSync(join(root, 'secret'), 'secret');
    const id = 'A'.repeat(138);
    mkdirSync(join(bucketDir, 'archives/AA'), { recursive: true });
    symlinkSync(join(root, 'secret'), pathOf(bucketDir, id));
    const line = { key: 'k', id, bytes: 6, mtimeNs: '0', mode: 420 };
    writeFileSync(join(bucketDir, 'index.jsonl'), `${JSON.stringify(line)}\n`);
    for (const opened of [store, reopen()])
      await expect(readObject(opened, 'k')).rejects.toMatchObject({ code: 'ObjectVanished' });
  });
});
