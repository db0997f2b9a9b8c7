import Database from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import * as schema from './schema.ts';

export type Reader = BetterSQLite3Database<typeof schema>;
/** The writer inside a transaction; only `transaction` gives it. */
export type Tx = Reader & { readonly inTransaction: true };

/** The console's database: one writer behind a queue, and readers that never wait for it. */
export interface ConsoleDatabase {
  /** A read-only connection. */
  readonly read: Reader;
  /** Runs a change: all of it happens, or nothing. Changes follow each other; they wait for nothing but the database. */
  transaction<T>(change: (tx: Tx) => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * Opens the database file, brings its tables up to date and turns on write-ahead logging. SQL stays portable
 * and the surface asynchronous, so that another engine can take SQLite's place.
 */
export function openDatabase(file: string, migrationsFolder: string): ConsoleDatabase {
  const writer = connect(file, false);
  migrate(drizzle(writer), { migrationsFolder });
  const reader = connect(file, true);
  const tx = Object.assign(drizzle(writer, { schema }), { inTransaction: true as const });
  let queue: Promise<unknown> = Promise.resolve();
  return {
    read: drizzle(reader, { schema }),
    transaction: (change) => {
      const result = queue.then(async () => {
        writer.exec('BEGIN IMMEDIATE');
        try {
          const value = await change(tx);
          writer.exec('COMMIT');
          return value;
        } catch (error) {
          writer.exec('ROLLBACK');
          throw error;
        }
      });
      queue = result.catch(() => undefined);
      return result;
    },
    close: () => {
      reader.close();
      writer.close();
    },
  };
}

function connect(file: string, readonly: boolean): Database.Database {
  const connection = new Database(file, { readonly });
  connection.pragma('busy_timeout = 5000');
  connection.pragma('foreign_keys = ON');
  if (!readonly) {
    connection.pragma('journal_mode = WAL');
    // A custody entry that was acknowledged must survive a power failure.
    connection.pragma('synchronous = FULL');
  }
  return connection;
}
