import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { schema } from './schema/schema.ts';

export type Reader = BetterSQLite3Database<typeof schema>;

/** The writer inside a transaction; only `transaction` gives it. */
export type Tx = Reader & { readonly inTransaction: true };

/** One SQL statement of a library that brings its own, and how its rows are wanted. */
export interface Statement {
  sql: string;
  params: unknown[];
  method: 'run' | 'all' | 'get' | 'values';
}

export interface StatementResult {
  rows: unknown[] | undefined;
  changes: number;
}

/** The console's database: one writer behind a queue, and readers that never wait for it. */
export interface ConsoleDatabase {
  /** A read-only connection. */
  readonly read: Reader;
  /** Runs a change: all of it happens, or nothing. Changes follow each other; they wait for nothing but the database. */
  transaction<T>(change: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs one statement by itself: a change in the writer's queue, anything else at once. A row is an array of values; `get` gives one or undefined. */
  statement(statement: Statement): Promise<StatementResult>;
  /** Copies the database to a file, consistently, while it is used. */
  backup(file: string): Promise<void>;
  close(): void;
}
