import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type CustodyEntry, GENESIS_HASH } from '../../domain/custody.ts';
import { createAuthority } from '../../keys/certificates.ts';
import { hashOfEntry } from '../../keys/custody/chain.ts';
import { headIn, headText, readHead, signHead as sign } from '../../keys/custody/head.ts';
import { type ConsoleWorld, consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { auditCheck } from '../admin/audit-check.ts';
import { backUp, restore } from '../admin/backup.ts';
import { openAdmin } from '../admin/open-admin.ts';
import { jobs } from '../db/schema/jobs.ts';
import { checkCustody, isWhole } from './check.ts';
import { headFiles } from './head-files.ts';
import {
  isHeadDue,
  keepHeadFiles,
  newestHead,
  signDueHead,
  signHead,
  startCustodyHeads,
} from './heads.ts';
import { verifyCustody } from './log.ts';
import { lookAtCustody } from './watch.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const HOUR_MS = 3_600_000;

/** A console with some entries in its log, and the head of then. */
async function loggedWorld() {
  const world = await consoleWorld();
  const operator = await world.as('operator');
  const makeJob = () => operator.call('createJob', { body: newJobBody() });
  await makeJob();
  await makeJob();
  const head = await signHead(world.console, new Date());
  if (!head) expect.fail('there is no head');
  return { world, console: world.console, operator, makeJob, head };
}

/** What somebody does who can write to the database file. */
function asAttacker({ console }: ConsoleWorld, change: (raw: Database.Database) => void): void {
  const raw = new Database(console.paths.database);
  const triggers = raw
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'custody%'")
    .all() as { name: string }[];
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`);
  change(raw);
  raw.close();
}

const cutOff = (raw: Database.Database, after: number) =>
  raw.prepare('DELETE FROM custody WHERE seq > ?').run(after);

/** Changes what an entry says and computes every later hash anew: the chain holds together again. */
function rewrite(raw: Database.Database, from: number): void {
  const rows = raw.prepare('SELECT * FROM custody ORDER BY seq').all() as Record<string, unknown>[];
  let previousHash = GENESIS_HASH;
  for (const row of rows) {
    const seq = row.seq as number;
    const detail = JSON.parse(row.detail as string);
    const entry = {
      seq,
      at: row.at,
      kind: row.kind,
      jobId: row.job_id,
      deviceId: row.device_id,
      actor: row.actor,
      channel: row.channel,
      detail: seq === from ? { ...detail, forged: true } : detail,
      previousHash,
    } as CustodyEntry;
    const hash = hashOfEntry(entry);
    raw
      .prepare('UPDATE custody SET detail = ?, previous_hash = ?, hash = ? WHERE seq = ?')
      .run(JSON.stringify(entry.detail), previousHash, hash, seq);
    previousHash = hash;
  }
}

const check = async ({ console }: ConsoleWorld, given: Uint8Array[] = []) =>
  checkCustody(console, given, new Date());

/** Ends a job by itself: cancelled. */
const endJob = async (world: ConsoleWorld, jobId: string) => {
  const admin = await world.as('admin');
  await admin.call('actOnJob', { params: { jobId }, body: { action: 'cancel' } });
};

test('a log whose end was cut off is found, by what is kept in the database and in files', async () => {
  const { world, head } = await loggedWorld();
  expect(isWhole(await check(world))).toBe(true);
  asAttacker(world, (raw) => cutOff(raw, head.seq - 1));
  expect((await verifyCustody(world.console.db.read)).brokenAt).toBeUndefined();
  const found = await check(world);
  expect(isWhole(found)).toBe(false);
  expect(found.heads.problems).toEqual(
    ['database', 'file'].map((from) => ({
      seq: head.seq,
      from,
      says: expect.stringContaining('its end was cut off'),
    })),
  );
  const viewer = await world.as('viewer');
  expect((await viewer.call('verifyCustody')).heads.problems).toHaveLength(2);
});

test('a log that was written anew from an entry on is found, also when the heads in the database are gone', async () => {
  const { world, head, makeJob } = await loggedWorld();
  await makeJob();
  asAttacker(world, (raw) => {
    rewrite(raw, 2);
    raw.exec('DELETE FROM custody_heads');
  });
  expect((await verifyCustody(world.console.db.read)).brokenAt).toBeUndefined();
  expect((await check(world)).heads.problems).toMatchObject([
    { seq: head.seq, from: 'file', says: expect.stringContaining('written anew') },
  ]);
});

test('where all that the console keeps is gone, a head that lies elsewhere still finds it', async () => {
  const { world, head, operator } = await loggedWorld();
  asAttacker(world, (raw) => {
    rewrite(raw, 2);
    raw.exec('DELETE FROM custody_heads');
  });
  rmSync(world.console.paths.custodyHeads, { recursive: true });
  expect(isWhole(await check(world))).toBe(true);
  const body = new Uint8Array(head.der);
  const found = await operator.call('checkCustodyHead', { body });
  expect(found.heads.problems).toMatchObject([{ seq: head.seq, from: 'given' }]);
  const asMail = Buffer.from(`Job done.\n\n> ${headText(head.der).replaceAll('\n', '\n> ')}`);
  const mailed = await operator.call('checkCustodyHead', { body: new Uint8Array(asMail) });
  expect(mailed.heads.problems).toHaveLength(1);
});

test('a head of another installation, or that was changed, is no evidence', async () => {
  const { world, operator, head } = await loggedWorld();
  const other = await createAuthority({ name: 'Waybill installation', now: new Date() });
  const forged = sign({ seq: 1, hash: 'a'.repeat(64) }, other, new Date());
  const give = (body: Uint8Array<ArrayBuffer>) => operator.call('checkCustodyHead', { body });
  await expect(give(new Uint8Array(forged.der))).rejects.toMatchObject({
    code: 'SignatureInvalid',
  });
  await expect(give(new Uint8Array(Buffer.from('no head')))).rejects.toMatchObject({
    code: 'SignatureInvalid',
  });
  // A file that says something else than its name is named, and so is a row.
  const [file] = headFiles(world.console.paths.custodyHeads);
  writeFileSync(file?.path ?? '', forged.der);
  asAttacker(world, (raw) =>
    raw.prepare('UPDATE custody_heads SET cms = ?').run(forged.der.toString('base64')),
  );
  expect((await check(world)).heads.problems).toMatchObject([
    { seq: head.seq, says: expect.stringContaining('was changed') },
    { seq: head.seq, says: expect.stringContaining('was changed') },
  ]);
});

test('a log that contradicts what was signed is not signed again, by any process', async () => {
  const { world, head, console } = await loggedWorld();
  asAttacker(world, (raw) => {
    cutOff(raw, head.seq - 1);
    raw.exec('DELETE FROM custody_heads');
  });
  const refused = { code: 'CustodyContradicted', facts: { seq: head.seq } };
  await expect(signHead(console, new Date())).rejects.toMatchObject(refused);
  const operator = await world.as('operator');
  await expect(operator.call('custodyHead')).rejects.toMatchObject({ code: 'CustodyContradicted' });
});

test('is signed hourly while the log grows, and with everything that ends', async () => {
  const { world, console, head, makeJob } = await loggedWorld();
  const { db } = console;
  const now = new Date();
  const later = new Date(Date.parse(head.at) + HOUR_MS);
  expect(await isHeadDue(db.read, later)).toBe(false);
  const { id: jobId } = await makeJob();
  expect(await isHeadDue(db.read, now)).toBe(false);
  expect(await isHeadDue(db.read, later)).toBe(true);
  await endJob(world, jobId);
  expect(await isHeadDue(db.read, now)).toBe(true);
  const signed = await signDueHead(console, now);
  const last = (await verifyCustody(db.read)).entries;
  expect(signed).toMatchObject({ seq: last });
  expect(await signDueHead(console, now)).toBeUndefined();
  await db.transaction(async (tx) => {
    await tx.update(jobs).set({ name: 'something else' });
  });
  expect(await signDueHead(console, now)).toBeUndefined();
});

test('a running console signs what completes by itself', async () => {
  const { world, console, makeJob } = await loggedWorld();
  const stop = startCustodyHeads(console);
  onTestFinished(stop);
  const { id: jobId } = await makeJob();
  await endJob(world, jobId);
  const { entries } = await verifyCustody(console.db.read);
  await vi.waitFor(
    async () => expect((await newestHead(console.db.read))?.seq).toBeGreaterThanOrEqual(entries),
    { timeout: 30_000, interval: 100 },
  );
  expect(headFiles(console.paths.custodyHeads).at(-1)?.seq).toBeGreaterThanOrEqual(entries);
});

test('two processes sign one head, and the file that one did not come to write is written later', async () => {
  const { console, makeJob } = await loggedWorld();
  await makeJob();
  const [one, two] = await Promise.all([
    signHead(console, new Date()),
    signHead(console, new Date()),
  ]);
  expect(one?.der).toEqual(two?.der);
  const files = () => headFiles(console.paths.custodyHeads).map(({ seq }) => seq);
  const before = files();
  rmSync(headFiles(console.paths.custodyHeads).at(-1)?.path ?? '');
  await keepHeadFiles(console);
  expect(files()).toEqual(before);
});

test('its file is the same signed head, and readable by its owner alone', async () => {
  const { console, head } = await loggedWorld();
  const [kept] = headFiles(console.paths.custodyHeads);
  const der = readFileSync(kept?.path ?? '');
  const trust = { caPem: console.authority.certificatePem };
  expect(readHead(der, { trust }).head).toMatchObject({
    seq: head.seq,
    count: head.seq,
    hash: head.hash,
  });
  expect(headIn(Buffer.from(JSON.stringify({ pem: headText(der) })))).toEqual(der);
});

test('a backup holds the heads, and a later head finds that an older state came back', async () => {
  const { world, makeJob, head } = await loggedWorld();
  const admin = openAdmin({ data: world.console.config.dataDir }, ROOT);
  onTestFinished(() => admin.db.close());
  const dir = join(tempDir(), 'backup');
  await makeJob();
  await backUp(admin, dir);
  const mark = JSON.parse(readFileSync(join(dir, 'backup.json'), 'utf8'));
  expect(mark.custodyHead.seq).toBe(head.seq + 1);
  expect(readdirSync(join(dir, 'custody-heads'))).not.toEqual([]);
  await makeJob();
  const later = await signHead(world.console, new Date());
  const data = join(tempDir(), 'elsewhere');
  await restore({ data }, ROOT, dir);
  const second = openAdmin({ data }, ROOT);
  onTestFinished(() => second.db.close());
  expect(await auditCheck(second)).toMatchObject({ whole: true });
  const kept = join(tempDir(), 'kept.cms');
  writeFileSync(kept, later?.der ?? '');
  const found = await auditCheck(second, kept);
  expect(found.whole).toBe(false);
  expect(found.text).toContain('its end was cut off');
  expect(await newestHead(second.db.read)).toMatchObject({ seq: head.seq + 1 });
});

test('whatever stands in an entry, the log is said to be broken there, and can still be read', async () => {
  const columns: [string, string | number | Buffer][] = [
    ['detail', 'garbage'],
    ['detail', '{"a":1,"a":2}'],
    ['detail', ' {}'],
    ['detail', 'null'],
    ['detail', Buffer.from([0xff, 0])],
    ['at', 'yesterday'],
    ['kind', 'job.forged'],
    ['job_id', 7],
    ['device_id', 'SB-9'],
    ['actor', Buffer.from('x')],
    ['channel', ''],
    ['previous_hash', 'x'],
    ['hash', 'x'],
  ];
  for (const [column, value] of columns) {
    const { world } = await loggedWorld();
    asAttacker(world, (raw) =>
      raw.prepare(`UPDATE custody SET ${column} = ? WHERE seq = 2`).run(value),
    );
    const { brokenAt } = await check(world);
    expect([column, brokenAt]).toEqual([column, 2]);
    expect(isWhole(await check(world))).toBe(false);
    const viewer = await world.as('viewer');
    await viewer.call('exportCustody');
  }
});

test('what lies among the files of heads and is none is named, and never waited for', async () => {
  const { world, console, head } = await loggedWorld();
  const folder = join(console.paths.custodyHeads, '00000000');
  const pipe = join(folder, `${'9'.padStart(12, '0')}-${'a'.repeat(64)}.cms`);
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  writeFileSync(join(console.paths.custodyHeads, 'junk'), '');
  const found = await check(world);
  expect(found.heads.strays).toEqual([expect.stringContaining('000000000009'), 'junk']);
  // A file that takes the name of a head and is far too large is not read into memory.
  const [file] = headFiles(console.paths.custodyHeads);
  truncateSync(file?.path ?? '', 2 ** 40);
  expect((await check(world)).heads.problems).toMatchObject([{ seq: head.seq, from: 'file' }]);
});

test('heads that are gone are missed where something has completed; what is contradicted is counted once', async () => {
  const { world, console, makeJob } = await loggedWorld();
  const { id } = await makeJob();
  await endJob(world, id);
  const head = await signHead(console, new Date());
  const later = new Date(Date.now() + HOUR_MS);
  expect(isWhole(await checkCustody(console, [], later))).toBe(true);
  asAttacker(world, (raw) => cutOff(raw, (head?.seq ?? 0) - 1));
  expect((await check(world)).heads).toMatchObject({ compared: 2, contradicted: 1 });
  const other = await consoleWorld();
  const { id: ended } = await (await other.as('operator')).call('createJob', {
    body: newJobBody(),
  });
  await endJob(other, ended);
  await signHead(other.console, new Date());
  asAttacker(other, (raw) => raw.exec('DELETE FROM custody_heads'));
  rmSync(other.console.paths.custodyHeads, { recursive: true });
  const found = await checkCustody(other.console, [], later);
  expect(found.heads.problems).toMatchObject([
    { from: 'log', says: expect.stringContaining('no signed head is kept') },
  ]);
  expect(isWhole(found)).toBe(false);
});

test('a console that is asked to end covers the last entries with a head', async () => {
  const { console, makeJob, head } = await loggedWorld();
  const stop = startCustodyHeads(console);
  await makeJob();
  await stop();
  expect((await newestHead(console.db.read))?.seq).toBe(head.seq + 1);
});

test('a running console tells whoever opens the overview that its log was changed', async () => {
  const { world, console, operator, head } = await loggedWorld();
  await lookAtCustody(console, new Date());
  expect(await operator.call('overview')).toMatchObject({ custodyAlarm: null });
  asAttacker(world, (raw) => cutOff(raw, head.seq - 1));
  await lookAtCustody(console, new Date());
  const { custodyAlarm } = await operator.call('overview');
  expect(custodyAlarm).toContain('its end was cut off');
});
