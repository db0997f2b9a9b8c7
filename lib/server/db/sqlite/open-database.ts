import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import type { ConsoleDatabase, Statement, StatementResult } from '../database.ts';
import { schema } from '../schema/schema.ts';

/**
 * Opens the database file, brings its tables up to date and turns on write-ahead logging. SQL stays portable
 * and the surface asynchronous, so that another engine can take SQLite's place.
 */
export function openDatabase(file: string, migrationsFolder: string): ConsoleDatabase {
  const writer = connect(file, false);
  migrate(drizzle(writer), { migrationsFolder });
  // How the values lie, for the choice between indexes (https://sqlite.org/lang_analyze.html).
  writer.pragma('optimize = 0x10002');
  const reader = connect(file, true);
  const tx = Object.assign(drizzle(writer, { schema }), { inTransaction: true as const });
  let queue: Promise<unknown> = Promise.resolve();
  const inQueue = <T>(work: () => T | Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const waiting: Waiting[] = [];
  return {
    read: drizzle(reader, { schema }),
    transaction: (change) =>
      new Promise((resolve, reject) => {
        waiting.push({ run: () => change(tx), resolve: resolve as Settle, reject });
        void inQueue(() => runTogether(writer, waiting));
      }),
    statement: async (statement) =>
      writer.prepare(statement.sql).readonly
        ? execute(reader, statement)
        : inQueue(() => execute(writer, statement)),
    backup: async (target) => {
      await reader.backup(target);
    },
    close: () => {
      reader.close();
      writer.close();
    },
  };
}

type Settle = (value: unknown) => void;

/** A change that has not begun. */
interface Waiting {
  run: () => Promise<unknown>;
  resolve: Settle;
  reject: Settle;
}

/** Most changes that are made durable together. */
const TOGETHER_MAX = 64;

/**
 * Runs what waits, one change after the other, each whole or not at all; one commit, which waits for the disk,
 * makes them durable. Nobody is told of a change before that.
 */
async function runTogether(writer: Database.Database, waiting: Waiting[]): Promise<void> {
  const changes = waiting.splice(0, TOGETHER_MAX);
  if (changes.length === 0) return;
  const outcomes: (() => void)[] = [];
  try {
    writer.exec('BEGIN IMMEDIATE');
    for (const { run, resolve, reject } of changes) {
      writer.exec('SAVEPOINT change');
      try {
        const value = await run();
        outcomes.push(() => resolve(value));
      } catch (error) {
        writer.exec('ROLLBACK TO change');
        outcomes.push(() => reject(error));
      }
      writer.exec('RELEASE change');
    }
    writer.exec('COMMIT');
  } catch (error) {
    // The database itself failed, which takes all of them back.
    if (writer.inTransaction) writer.exec('ROLLBACK');
    for (const { reject } of changes) reject(error);
    return;
  }
  for (const announce of outcomes) announce();
}

function execute(
  connection: Database.Database,
  { sql, params, method }: Statement,
): StatementResult {
  const prepared = connection.prepare(sql);
  if (!prepared.reader) return { rows: [], changes: prepared.run(...params).changes };
  const rows = prepared.raw().all(...params);
  return {
    rows: method === 'get' ? (rows[0] as unknown[] | undefined) : rows,
    changes: rows.length,
  };
}

const CACHE_KIB = 16 * 1024;
/** Pages are read from the system's cache, not copied: a list over 100,000 jobs touches many. */
const MAPPED_BYTES = 1024 ** 3;

function connect(file: string, readonly: boolean): Database.Database {
  const connection = new Database(file, { readonly });
  connection.pragma('busy_timeout = 5000');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`cache_size = -${CACHE_KIB}`);
  connection.pragma(`mmap_size = ${MAPPED_BYTES}`);
  if (!readonly) {
    connection.pragma('journal_mode = WAL');
    // What is destroyed, such as a wrapped key, is overwritten in the file.
    connection.pragma('secure_delete = ON');
    // A custody entry that was acknowledged must survive a power failure.
    connection.pragma('synchronous = FULL');
  }
  return connection;
}
