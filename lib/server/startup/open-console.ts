import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KeyedCertificate } from '../../keys/certificates.ts';
import type { MasterKms } from '../../keys/kms/kms.ts';
import { openKms } from '../../keys/kms/open.ts';
import { type Auth, createAuth } from '../auth/auth.ts';
import type { ConsoleConfig } from '../context/config.ts';
import { createLog, type Log } from '../context/log.ts';
import { type DataPaths, dataPaths } from '../context/paths.ts';
import { type ConsoleDatabase, openDatabase } from '../db/sqlite/open-database.ts';
import { type EventFeed, openEventFeed } from '../events/publish.ts';
import { openAuthority, openLinkSecret, openSessionSecret } from './authority.ts';
import { prepareInstallation } from './installation.ts';

/** Everything that requests work with. One a process. */
export interface Console {
  config: ConsoleConfig;
  paths: DataPaths;
  db: ConsoleDatabase;
  kms: MasterKms;
  auth: Auth;
  authority: KeyedCertificate;
  /** Signs links that need no session, and page tokens. */
  linkSecret: Buffer;
  feed: EventFeed;
  log: Log;
  /** What speaks against the custody log, as this process has found while it runs. */
  custody: { alarm: string | null };
  close(): void;
}

/** Opens the data directory: keys, database, authority, embedded store and station token. */
export async function openConsole(config: ConsoleConfig, now = new Date()): Promise<Console> {
  const paths = dataPaths(config.dataDir);
  // The database holds hashes and wrapped keys only, but names of jobs and people too.
  process.umask(0o077);
  for (const dir of [
    config.dataDir,
    dirname(paths.masterKeys),
    paths.reports,
    paths.custodyHeads,
    paths.dock,
  ])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  const log = createLog(config.logLevel);
  const kms = openKms({ ...config.kms, file: paths.masterKeys, masterKey: config.masterKey });
  const db = openDatabase(paths.database, config.migrationsFolder);
  const authority = await openAuthority(db, kms, now);
  const secret = await openSessionSecret(db, kms);
  const linkSecret = await openLinkSecret(db, kms);
  const { publicUrl, signInsPerMinute } = config;
  const auth = createAuth(db, { publicUrl, secret, signInsPerMinute });
  const feed = openEventFeed(db);
  const close = () => {
    feed.close();
    db.close();
  };
  const console = {
    config,
    paths,
    db,
    kms,
    auth,
    authority,
    linkSecret,
    feed,
    log,
    custody: { alarm: null },
    close,
  };
  await prepareInstallation(console, now);
  return console;
}
