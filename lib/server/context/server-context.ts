import type { KeyedCertificate } from '../../keys/certificates.ts';
import type { MasterKms } from '../../keys/kms/kms.ts';
import type { Auth } from '../auth/auth.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import type { EventFeed } from '../events/feed.ts';
import type { ConsoleConfig } from './config.ts';
import type { Log } from './log.ts';
import type { DataPaths } from './paths.ts';

/** Everything that requests work with. One a process. */
export interface ServerContext {
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
