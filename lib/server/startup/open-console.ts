import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openKms } from '../../keys/kms/open.ts';
import { createAuth } from '../auth/auth.ts';
import type { ConsoleConfig } from '../context/config.ts';
import { createLog } from '../context/log.ts';
import { dataPaths } from '../context/paths.ts';
import type { ServerContext } from '../context/server-context.ts';
import { openDatabase } from '../db/sqlite/open-database.ts';
import { openEventFeed } from '../events/feed.ts';
import { openAuthority, openLinkSecret, openSessionSecret } from './authority.ts';
import { prepareInstallation } from './installation.ts';

/** Opens the data directory: keys, database, authority, embedded store and station token. */
export async function openConsole(config: ConsoleConfig, now = new Date()): Promise<ServerContext> {
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
  const context = {
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
  await prepareInstallation(context, now);
  return context;
}
