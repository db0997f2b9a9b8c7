import { join } from 'node:path';

/** Where things lie in the data directory. */
export const dataPaths = (dataDir: string) => ({
  database: join(dataDir, 'waybill.db'),
  masterKeys: join(dataDir, 'keys/master-keys.json'),
  reports: join(dataDir, 'reports'),
  /** Signed heads of the custody log, beside the database and not in it. */
  custodyHeads: join(dataDir, 'custody-heads'),
  /** Root of the embedded store. */
  store: join(dataDir, 'store'),
  /** Where the embedded station looks for devices. */
  dock: join(dataDir, 'dock'),
  /** Token of the embedded station, for its owner alone. */
  stationToken: join(dataDir, 'station.token'),
  /** The one-time set-up link, until it has been used. */
  setupLink: join(dataDir, 'setup-link'),
});
export type DataPaths = ReturnType<typeof dataPaths>;
