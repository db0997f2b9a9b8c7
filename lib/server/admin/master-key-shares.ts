import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { syncFileSystem } from '../../files/sync.ts';
import { joinRing } from '../../keys/kms/key-ring.ts';
import {
  joinShares,
  type KeyShare,
  readShares,
  shareText,
  splitSecret,
} from '../../keys/kms/key-shares.ts';
import { openExportedKeys } from '../../keys/kms/local.ts';
import { SYSTEM } from '../actors/actor.ts';
import { dataPaths } from '../context/paths.ts';
import { readSetting } from '../context/settings.ts';
import { appendCustody } from '../custody/log.ts';
import { openDatabase } from '../db/sqlite/open-database.ts';
import { AUTHORITY_CONTEXT } from '../startup/authority.ts';
import { type Admin, type AdminOptions, adminConfig } from './open-admin.ts';

/** Far more than all shares of a set. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/**
 * Splits all master keys into files, one for each holder, in a new directory. Returns what to tell. Throws Usage,
 * KeyUnavailable.
 */
export async function splitMasterKey(
  { db, kms }: Admin,
  { shares, threshold, output }: { shares: string; threshold: string; output: string },
): Promise<string> {
  const dir = resolve(process.env.INIT_CWD ?? process.cwd(), output);
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new WaybillError('Usage', { detail: `${dir} is not empty; give a new directory` });
  const made = await splitSecret(kms.exportKeys(), {
    shares: Number(shares),
    threshold: Number(threshold),
  });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  for (const share of made) {
    const name = `share-${share.number}-of-${share.shares}.txt`;
    writeFileSync(join(dir, name), shareText(share), { mode: 0o600, flag: 'wx' });
  }
  syncFileSystem(dir);
  const [{ set } = { set: '' }] = made;
  const detail = { set, shares: made.length, threshold: Number(threshold) };
  await db.transaction((tx) =>
    appendCustody(tx, SYSTEM, { kind: 'installation.key-split', detail }, new Date()),
  );
  return [
    `${made.length} shares of set ${set} in ${dir}; any ${threshold} of them are the master keys`,
    'give each to another person, on paper or in a safe, and remove the directory: together they open everything',
    'split again after rotate-master-key: these shares do not hold a key that is made later',
  ].join('\n');
}

/**
 * Puts the master keys back into a data directory, from enough shares: files, or `-` for standard input. Where there
 * is a database they are first shown to open it. Returns what to tell. Throws SharesRefused, KeyUnavailable, Usage.
 */
export async function joinMasterKey(
  options: AdminOptions,
  root: string,
  files: readonly string[],
): Promise<string> {
  const { dataDir, masterKey, migrationsFolder } = adminConfig(options, root);
  if (masterKey !== undefined)
    throw new WaybillError('Usage', {
      detail: 'WAYBILL_MASTER_KEY is set, which comes before the key file; unset it',
    });
  const shares: KeyShare[] = files.flatMap(readShareFile);
  const keys = await joinShares(shares);
  const paths = dataPaths(dataDir);
  if (!existsSync(paths.database)) {
    const ids = joinRing(paths.masterKeys, keys);
    return `${counted(ids)} in ${paths.masterKeys}; there is no database yet that would show that they fit`;
  }
  const db = openDatabase(paths.database, migrationsFolder);
  try {
    await requireFit(await readSetting(db.read, 'authority-key'), keys);
    const ids = joinRing(paths.masterKeys, keys);
    const detail = { set: shares[0]?.set, shares: shares.map(({ number }) => number) };
    await db.transaction((tx) =>
      appendCustody(tx, SYSTEM, { kind: 'installation.key-joined', detail }, new Date()),
    );
    return `${counted(ids)} in ${paths.masterKeys}; they open this installation`;
  } finally {
    db.close();
  }
}

/** Keys of another installation, or older than the last rotation, open nothing here: better said now. */
async function requireFit(wrapped: string | undefined, keys: string): Promise<void> {
  if (!wrapped?.startsWith('local/')) return;
  try {
    await openExportedKeys(keys).unwrap(wrapped, AUTHORITY_CONTEXT);
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    throw new WaybillError('SharesRefused', {
      detail:
        'their keys do not open this installation: they are of another one, or older than its last rotation',
    });
  }
}

function readShareFile(file: string): KeyShare[] {
  const text =
    file === '-'
      ? readFileSync(0)
      : readFileSync(resolve(process.env.INIT_CWD ?? process.cwd(), file));
  if (text.length > MAX_TEXT_BYTES)
    throw new WaybillError('SharesRefused', { detail: `${file} is larger than any share` });
  return readShares(text.toString('utf8'), file === '-' ? 'standard input' : file);
}

const counted = (ids: readonly string[]): string =>
  `${ids.length} master ${ids.length === 1 ? 'key' : 'keys'}`;
