import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoreKind } from '../domain/words.ts';
import { type S3Server, s3Servers } from '../testing/servers/s3-servers.ts';
import {
  listKeys,
  newObject,
  putObject,
  readObject,
  remoteWorld,
  type StoreWorld,
  storeWorld,
} from '../testing/store-world.ts';
import { AWKWARD_NAMES, seededBytes } from '../testing/trees.ts';
import { openStore } from './open.ts';
import type { Store } from './store.ts';

/** What a kind of store can do differently from the others. */
interface Kind {
  name: string;
  kind: StoreKind;
  /** Objects lie in folders, so that no key can lie below another. */
  hasFolders: boolean;
  keepsEmptyDirectories: boolean;
  /** A new, empty one. */
  world(): Promise<StoreWorld> | StoreWorld;
  /** A key is a path; behind an endpoint it is any text. */
  keysArePaths: boolean;
  /** Whether a key can have control characters. */
  takesControls: boolean;
  /** So many times a property is tried. */
  runs: number;
}

const inFolder = (kind: StoreKind): Kind => ({
  name: `${kind} in a directory`,
  kind,
  hasFolders: kind === 'directory',
  runs: 30,
  keepsEmptyDirectories: kind !== 'ebs',
  takesControls: true,
  world: () => storeWorld(kind),
  keysArePaths: true,
});

const behind = (server: S3Server, kind: StoreKind): Kind => ({
  name: `${kind} on ${server.name}`,
  kind,
  hasFolders: false,
  runs: 3,
  keepsEmptyDirectories: true,
  takesControls: server.takesControls,
  keysArePaths: false,
  world: () => remoteWorld(server.running(), kind),
});

const SERVERS = s3Servers();
const KINDS: Kind[] = [
  ...(['directory', 'glacier', 'ebs'] as const).map(inFolder),
  ...SERVERS.flatMap((server) => (['s3'] as const).map((kind) => behind(server, kind))),
];

type Case = (world: StoreWorld, kind: Kind) => Promise<void>;

const byteOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const MIB = 1024 * 1024;
const TIME = 1_700_000_000_123_456_000n;
const LONG_KEY = Array.from({ length: 4 }, () => 'k'.repeat(255)).join('/');

/** Chunks of awkward sizes, so that they meet the borders of blocks and leaves at all places. */
function chunksOf(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

const OBJECTS: Record<string, Case> = {
  'come back with bytes, size, time and mode': async ({ store }) => {
    await putObject(store, 'a/b', 'hello', { mtimeNs: TIME, mode: 0o640 });
    expect((await readObject(store, 'a/b')).toString()).toBe('hello');
    const stat = await store.stat(Buffer.from('a/b'));
    expect(stat).toMatchObject({ key: Buffer.from('a/b'), bytes: 5, mode: 0o640 });
    // A file system may add what is below a microsecond.
    expect((stat?.mtimeNs ?? 0n) / 1000n).toBe(TIME / 1000n);
    for await (const listed of store.list({ prefix: '' })) expect(listed).toEqual(stat);
  },
  'keep their permission bits, never setuid': async ({ store }) => {
    await putObject(store, 'a', 'x', { mode: 0o4750 });
    expect(await store.stat(Buffer.from('a'))).toMatchObject({ mode: 0o750 });
  },
  'can be empty': async ({ store }) => {
    await putObject(store, 'empty', '');
    expect(await store.stat(Buffer.from('empty'))).toMatchObject({ bytes: 0 });
    expect(await readObject(store, 'empty')).toHaveLength(0);
    expect(await listKeys(store)).toEqual(['empty']);
  },
  'can span several writes': async ({ store }) => {
    const bytes = seededBytes(5, 5 * MIB);
    for (const size of [5 * MIB, MIB, 524_288, 300_007]) {
      await putObject(store, `by ${size}`, chunksOf(bytes, size));
      expect(bytes.equals(await readObject(store, `by ${size}`))).toBe(true);
    }
  },
  'can hold zeros, inside and at both ends': async ({ store }) => {
    const bytes = Buffer.alloc(3 * MIB + 17);
    bytes.fill('data', MIB, MIB + 100);
    await putObject(store, 'zeros', chunksOf(bytes, 400_000));
    await putObject(store, 'only zeros', [Buffer.alloc(700_000)]);
    expect(bytes.equals(await readObject(store, 'zeros'))).toBe(true);
    expect(Buffer.alloc(700_000).equals(await readObject(store, 'only zeros'))).toBe(true);
  },
  'can be replaced': async ({ store, reopen }) => {
    await putObject(store, 'a', 'the first');
    await store.flush();
    await putObject(store, 'a', 'second');
    expect((await readObject(store, 'a')).toString()).toBe('second');
    for await (const { bytes } of store.list({ prefix: '' })) expect(bytes).toBe(6);
    await store.flush();
    await putObject(store, 'a', '3');
    await putObject(store, 'a', '4th');
    expect((await readObject(store, 'a')).toString()).toBe('4th');
    await store.flush();
    for (const opened of [store, reopen()]) {
      expect((await readObject(opened, 'a')).toString()).toBe('4th');
      expect(await opened.stat(Buffer.from('a'))).toMatchObject({ bytes: 3 });
      expect(await listKeys(opened)).toEqual(['a']);
    }
  },
  'are read to their end while they are replaced': async ({ store }) => {
    await putObject(store, 'a', 'before');
    const reader = await store.open(Buffer.from('a'));
    await putObject(store, 'a', 'after');
    const buffer = Buffer.alloc(20);
    const got = await reader.read(buffer, 0, 20);
    await reader.close();
    expect(buffer.toString('utf8', 0, got)).toBe('before');
  },
  'cannot be seen before their commit': async ({ store, reopen }) => {
    const writer = await store.put(newObject('a/b', { bytes: 2 }));
    await writer.write(Buffer.from('x'));
    for (const opened of [store, reopen()]) {
      expect(await listKeys(opened)).toEqual([]);
      expect(await opened.stat(Buffer.from('a/b'))).toBeUndefined();
    }
    await writer.write(Buffer.from('y'));
    await writer.commit();
    expect((await readObject(store, 'a/b')).toString()).toBe('xy');
  },
  'keep what was there until a replacement is committed': async ({ store }) => {
    await putObject(store, 'a', 'old');
    const writer = await store.put(newObject('a', { bytes: 3 }));
    await writer.write(Buffer.from('new'));
    expect((await readObject(store, 'a')).toString()).toBe('old');
    await writer.abort();
    expect((await readObject(store, 'a')).toString()).toBe('old');
  },
  'leave nothing when they are given up': async ({ store, reopen }) => {
    const writer = await store.put(newObject('gone', { bytes: 1 }));
    await writer.write(Buffer.from('x'));
    await writer.abort();
    await writer.abort();
    await store.flush();
    await store.close();
    expect(await listKeys(reopen())).toEqual([]);
  },
  'that are missing are undefined, or vanished': async ({ store }) => {
    expect(await store.stat(Buffer.from('no/such'))).toBeUndefined();
    await expect(async () => store.open(Buffer.from('no/such'))).rejects.toMatchObject({
      code: 'ObjectVanished',
    });
  },
  'that are empty directories end in a slash': async ({ store, reopen }, kind) => {
    if (!kind.keepsEmptyDirectories) {
      await expect(putObject(store, 'empty/', '')).rejects.toMatchObject({ code: 'KeyRefused' });
      expect(await store.stat(Buffer.from('empty/'))).toBeUndefined();
      return;
    }
    await putObject(store, 'empty/', '');
    await store.flush();
    expect(await listKeys(reopen())).toEqual(['empty/']);
    expect(await store.stat(Buffer.from('empty/'))).toMatchObject({ bytes: 0 });
    const writer = await store.put(newObject('other/'));
    await expect(async () => writer.write(Buffer.from('x'))).rejects.toMatchObject({
      code: 'KeyRefused',
    });
    await writer.abort();
  },
  'below the key of another': async ({ store }, kind) => {
    await putObject(store, 'a', 'file');
    if (kind.hasFolders) {
      await expect(putObject(store, 'a/b')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
      await putObject(store, 'dir/x');
      await expect(putObject(store, 'dir')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    } else {
      await putObject(store, 'a/b', 'below');
      expect((await readObject(store, 'a/b')).toString()).toBe('below');
    }
    expect((await readObject(store, 'a')).toString()).toBe('file');
  },
};

const KEYS: Record<string, Case> = {
  'may have any legal name': async ({ store, reopen }, { takesControls }) => {
    const names = [...AWKWARD_NAMES.map((name) => `dir/${name}`), LONG_KEY, 'index.jsonl'].filter(
      (name) => takesControls || !/\p{Cc}/u.test(name),
    );
    for (const name of names) await putObject(store, name);
    await store.flush();
    const again = reopen();
    for (const name of names) expect((await readObject(again, name)).toString()).toBe(name);
    expect(await listKeys(again)).toEqual([...names].sort(byteOrder));
  },
  'that lead out, or are none, are refused': async ({ store }, { keysArePaths }) => {
    const noPaths = ['..', '../x', 'a/../../x', '.', 'a/./b', '/etc/x', 'a//b', 'a\0b'];
    const noKeys = ['', 'é'.repeat(513), Buffer.from([0x61, 0xff, 0xfe])];
    const refused = keysArePaths ? [...noKeys, ...noPaths] : noKeys;
    for (const key of refused) {
      const bytes = Buffer.from(key);
      const code = { code: 'KeyRefused' };
      await expect(putObject(store, key, 'x'), `put ${key}`).rejects.toMatchObject(code);
      await expect(async () => store.stat(bytes), `stat ${key}`).rejects.toMatchObject(code);
      await expect(async () => store.open(bytes), `open ${key}`).rejects.toMatchObject(code);
    }
    expect(await listKeys(store)).toEqual([]);
  },
};

const segment = fc.stringMatching(/^[a-c.!é-]{1,3}$/).filter((s) => s !== '.' && s !== '..');
const someKey = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

const LISTINGS: Record<string, Case> = {
  'are in byte order and within their range': async (_, { world, runs }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(someKey, { maxLength: 12 }),
        ...[someKey, someKey, segment],
        async (all, begin, end, prefix) => {
          const { store } = await world();
          const stored = all.filter((k) => !all.some((other) => other.startsWith(`${k}/`)));
          for (const key of stored) await putObject(store, key);
          stored.sort(byteOrder);
          expect(await listKeys(store)).toEqual(stored);
          const inRange = stored.filter((k) => byteOrder(k, begin) >= 0 && byteOrder(k, end) <= 0);
          expect(await listKeys(store, { prefix: '', begin, end })).toEqual(inRange);
          const prefixed = stored.filter((k) => k.startsWith(prefix));
          expect(await listKeys(store, { prefix })).toEqual(prefixed);
        },
      ),
      { numRuns: runs },
    );
  },
  'include both ends of a range': async ({ store }) => {
    for (const key of ['a', 'b', 'c', 'd']) await putObject(store, key);
    expect(await listKeys(store, { prefix: '', begin: 'b', end: 'c' })).toEqual(['b', 'c']);
    expect(await listKeys(store, { prefix: '', begin: 'c' })).toEqual(['c', 'd']);
    expect(await listKeys(store, { prefix: 'b', begin: 'a', end: 'z' })).toEqual(['b']);
  },
};

async function expectNoBucket(store: Store): Promise<void> {
  const code = { code: 'BucketNotFound' };
  await expect(async () => store.check()).rejects.toMatchObject(code);
  await expect(listKeys(store)).rejects.toMatchObject(code);
  await expect(putObject(store, 'x')).rejects.toMatchObject(code);
  await expect(async () => store.open(Buffer.from('x'))).rejects.toMatchObject(code);
}

const BUCKETS: Record<string, Case> = {
  'that are ready pass the check, which leaves no object': async ({ store, reopen }) => {
    await putObject(store, 'a');
    await store.flush();
    await reopen().check();
    expect(await listKeys(reopen())).toEqual(['a']);
  },
  'that are missing are refused': ({ reopen }) => expectNoBucket(reopen('nowhere')),
  'show everything to a store that is opened after a flush': async ({ store, reopen }) => {
    for (let i = 0; i < 20; i += 1) await putObject(store, `k${i}`, `content ${i}`);
    await store.flush();
    await store.close();
    const again = reopen();
    expect(await listKeys(again)).toHaveLength(20);
    expect((await readObject(again, 'k7')).toString()).toBe('content 7');
    expect(await listKeys(store)).toHaveLength(20);
  },
  'take objects of two stores at once': async ({ store, reopen }) => {
    const other = reopen();
    const writers = [];
    for (let i = 0; i < 10; i += 1) {
      for (const [name, opened] of Object.entries({ store, other })) {
        const writer = await opened.put(newObject(`${name}/${i}`, { bytes: 4 }));
        await writer.write(Buffer.from('ab'));
        writers.push(writer);
      }
    }
    for (const writer of writers) await writer.write(Buffer.from('cd'));
    for (const writer of writers) await writer.commit();
    await putObject(other, 'both', 'by the other');
    await other.flush();
    await putObject(store, 'both', 'by the store, later');
    await store.flush();
    await other.close();
    for (const opened of [store, other, reopen()]) {
      expect(await listKeys(opened)).toHaveLength(21);
      expect((await readObject(opened, 'other/3')).toString()).toBe('abcd');
      expect((await readObject(opened, 'both')).toString()).toBe('by the store, later');
    }
  },
};

describe.each(KINDS)('the store $name', (kind) => {
  const suite = (cases: Record<string, Case>) => () => {
    for (const [name, run] of Object.entries(cases))
      test(name, async () => run(await kind.world(), kind));
  };
  describe('objects', suite(OBJECTS));
  describe('keys', suite(KEYS));
  describe('listings', suite(LISTINGS));
  describe('buckets', suite(BUCKETS));
});

test.each(['directory', 'glacier', 'ebs'] as const)(
  'a bucket of %s that is a link is refused',
  async (kind) => {
    const { root } = storeWorld(kind);
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'linked'));
    await expectNoBucket(openStore({ kind, root, bucket: 'linked' }));
  },
);
