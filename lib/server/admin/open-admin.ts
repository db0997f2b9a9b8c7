import { existsSync } from 'node:fs';
import { WaybillError } from '../../domain/errors.ts';
import type { MasterKms } from '../../keys/kms.ts';
import { openKms } from '../../keys/kms-installation.ts';
import { readConfig } from '../config.ts';
import { type ConsoleDatabase, openDatabase } from '../db/client.ts';
import { type DataPaths, dataPaths } from '../paths.ts';

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
  return readConfig(
    options.data ? { ...process.env, WAYBILL_DATA: options.data } : process.env,
    root,
  );
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
