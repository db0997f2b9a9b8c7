import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { syncFileSystem } from '../../files/sync.ts';
import { headText, type SignedHead } from '../../keys/custody/head.ts';
import { dataPaths } from '../context/paths.ts';
import { headOrOlder } from '../custody/heads.ts';
import { openAuthority } from '../startup/authority.ts';
import { type Admin, type AdminOptions, adminConfig } from './open-admin.ts';

const MARK = 'backup.json';
const FORMAT = 'waybill-backup/1';

/**
 * Copies database, master keys (unless `keys` is false) and reports into a new directory, while the console runs. The
 * objects of the embedded store are not in it. Returns what to tell. Throws Usage when the directory holds something.
 */
export async function backUp(
  admin: Admin,
  dir: string,
  { keys = true }: { keys?: boolean } = {},
): Promise<string> {
  const { db, paths } = admin;
  const target = resolve(dir);
  requireEmpty(target);
  const into = dataPaths(target);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const signed = await signBackupHead(admin);
  // Heads before the database: it then holds every entry that they vouch for.
  if (existsSync(paths.custodyHeads))
    cpSync(paths.custodyHeads, into.custodyHeads, { recursive: true });
  // The database before reports: every report it knows was written before and is copied after it.
  await db.backup(into.database);
  chmodSync(into.database, 0o600);
  const withKeys = keys && existsSync(paths.masterKeys);
  if (withKeys) {
    mkdirSync(dirname(into.masterKeys), { mode: 0o700 });
    cpSync(paths.masterKeys, into.masterKeys);
  }
  if (existsSync(paths.reports)) cpSync(paths.reports, into.reports, { recursive: true });
  const custodyHead = signed && { seq: signed.seq, hash: signed.hash, pem: headText(signed.der) };
  const mark = { format: FORMAT, at: new Date().toISOString(), custodyHead };
  // The mark says that all of it is there.
  syncFileSystem(target);
  writeFileSync(join(target, MARK), `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  syncFileSystem(target);
  return withKeys
    ? `backup in ${target}; it holds the master keys: keep it as safe as they are`
    : `backup in ${target}; without the master keys nothing in it can be opened: keep them elsewhere`;
}

/** The head of the custody log as it is now. A log that contradicts what was signed is backed up all the same. */
async function signBackupHead({ db, kms, paths }: Admin): Promise<SignedHead | undefined> {
  const now = new Date();
  return headOrOlder({ db, paths, authority: await openAuthority(db, kms, now) }, now);
}

/**
 * Makes an empty data directory what it was at the backup. Returns what to tell. Throws Usage, NotFound.
 */
export async function restore(options: AdminOptions, root: string, dir: string): Promise<string> {
  const { dataDir } = adminConfig(options, root);
  const source = resolve(dir);
  if (!existsSync(join(source, MARK)))
    throw new WaybillError('NotFound', { what: 'backup in', id: source });
  requireEmpty(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(source).filter((entry) => entry !== MARK))
    cpSync(join(source, name), join(dataDir, name), { recursive: true, preserveTimestamps: true });
  const start = `start the console with WAYBILL_DATA=${dataDir}`;
  return existsSync(dataPaths(dataDir).masterKeys)
    ? `restored into ${dataDir}; ${start}`
    : `restored into ${dataDir}, without master keys; bring them (waybill admin --data ${dataDir} join-master-key SHARE…, or the key file or variables), then ${start}`;
}

function requireEmpty(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new WaybillError('Usage', { detail: `${dir} is not empty; give a new directory` });
}
