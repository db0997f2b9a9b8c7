import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import type { MasterKms } from '../../keys/kms/kms.ts';
import { openKms } from '../../keys/kms/open.ts';
import { readConfig } from '../context/config.ts';
import { type DataPaths, dataPaths } from '../context/paths.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { openDatabase } from '../db/sqlite/open-database.ts';

export interface AdminOptions {
  data?: string;
}

/** A data directory opened for administration; the console may be running on it. */
export interface Admin {
  paths: DataPaths;
  db: ConsoleDatabase;
  kms: MasterKms;
}

/** The settings for a data directory. */
export function adminConfig(options: AdminOptions, root: string) {
  if (!options.data) return readConfig(process.env, root);
  // As the person meant it, who is not in the checkout; npm runs scripts there, wherever it was called.
  const dataDir = resolve(process.env.INIT_CWD ?? process.cwd(), options.data);
  return readConfig({ ...process.env, WAYBILL_DATA: dataDir }, root);
}

/** Opens a data directory. Throws NotFound when there is none. */
export function openAdmin(options: AdminOptions, root: string): Admin {
  const { dataDir, masterKey, kms: settings, migrationsFolder } = adminConfig(options, root);
  const paths = dataPaths(dataDir);
  if (!existsSync(paths.database)) {
    throw new WaybillError('NotFound', { what: 'installation in', id: dataDir });
  }
  const kms = openKms({ ...settings, file: paths.masterKeys, masterKey });
  return { paths, kms, db: openDatabase(paths.database, migrationsFolder) };
}
