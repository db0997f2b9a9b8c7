import { asc, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { GENESIS_HASH } from '../../domain/custody.ts';
import { as, consoleDatabase, NOW } from '../../testing/console-database.ts';
import type { Actor } from '../actors/actor.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';
import { devices } from '../db/schema/devices.ts';
import {
  appendCustody,
  breakBetween,
  type CustodyEvent,
  listCustody,
  verifyCustody,
} from './log.ts';

const EVENT: CustodyEvent = {
  kind: 'job.created',
  jobId: 'JID-1',
  deviceId: 'DEV-1',
  detail: { name: 'A job', sizeBytes: 5 },
};

const append = (db: ConsoleDatabase, event: CustodyEvent = EVENT, actor: Actor = as('operator')) =>
  db.transaction((tx) => appendCustody(tx, actor, event, NOW));

const entriesOf = ({ read }: ConsoleDatabase) =>
  read.select().from(custody).orderBy(asc(custody.seq));

/** A log of as many entries. */
async function log(entries: number) {
  const { db } = await consoleDatabase();
  for (let n = 0; n < entries; n += 1) await append(db);
  return db;
}

test('an entry says who did what to which job and device, when and by which channel', async () => {
  const { db } = await consoleDatabase();
  await append(db, EVENT, as('operator', 'browser'));
  expect(await entriesOf(db)).toEqual([
    {
      ...EVENT,
      seq: 1,
      at: NOW.toISOString(),
      actor: 'person:operator',
      channel: 'browser',
      previousHash: GENESIS_HASH,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
});

test('an entry of no job and no device says so', async () => {
  const { db } = await consoleDatabase();
  await append(db, { kind: 'installation.changed', detail: {} });
  expect(await entriesOf(db)).toMatchObject([{ jobId: null, deviceId: null }]);
});

test('each entry holds the hash of the one before it', async () => {
  const entries = await entriesOf(await log(3));
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(entries.map(({ previousHash }) => previousHash)).toEqual([
    GENESIS_HASH,
    entries[0]?.hash,
    entries[1]?.hash,
  ]);
});

test('the same event twice is two entries with different hashes', async () => {
  const [first, second] = await entriesOf(await log(2));
  expect(first?.hash).not.toBe(second?.hash);
});

test('an append leaves the entries before it as they were', async () => {
  const db = await log(2);
  const before = await entriesOf(db);
  await append(db);
  expect((await entriesOf(db)).slice(0, 2)).toEqual(before);
});

test('entries that are appended at once make one chain without gaps', async () => {
  const { db } = await consoleDatabase();
  await Promise.all(Array.from({ length: 20 }, () => append(db)));
  expect(await verifyCustody(db.read)).toMatchObject({ entries: 20, brokenAt: undefined });
});

test('the entry of a change that is taken back goes with it', async () => {
  const db = await log(1);
  const failing = db.transaction(async (tx) => {
    await tx.update(devices).set({ note: 'changed' }).where(eq(devices.id, 'DEV-1'));
    await appendCustody(tx, as('operator'), EVENT, NOW);
    throw new RangeError('taken back');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(await entriesOf(db)).toHaveLength(1);
  await append(db);
  expect(await verifyCustody(db.read)).toMatchObject({ entries: 2, brokenAt: undefined });
});

test('an entry whose previous hash is another one breaks the chain at its number', async () => {
  const db = await log(2);
  const [first] = await entriesOf(db);
  await db.transaction(async (tx) => {
    if (first) await tx.insert(custody).values({ ...first, seq: 3 });
  });
  await append(db);
  expect(await verifyCustody(db.read)).toMatchObject({ entries: 2, brokenAt: 3 });
  expect(await breakBetween(db.read, 1, 4)).toBe(3);
});

test('a part of the chain that holds is told as whole, and one that ends early by its number', async () => {
  const db = await log(4);
  expect(await breakBetween(db.read, 1, 4)).toBeUndefined();
  expect(await breakBetween(db.read, 3, 4)).toBeUndefined();
  expect(await breakBetween(db.read, 3, 5)).toBe(5);
});

test('a page of the log begins below the entry that is given', async () => {
  const db = await log(5);
  const page = await listCustody(db.read, { before: 4, limit: 2 });
  expect(page.map(({ seq }) => seq)).toEqual([3, 2]);
});
