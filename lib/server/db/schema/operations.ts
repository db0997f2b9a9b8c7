import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ErrorCode } from '../../../domain/errors.ts';
import type {
  Operation,
  OperationNews,
  OperationPrecondition,
} from '../../../domain/operations.ts';

/** The last that a host told of each long operation of a job. */
export const operationNews = sqliteTable(
  'operation_news',
  {
    jobId: text('job_id').notNull(),
    operation: text('operation').$type<Operation>().notNull(),
    state: text('state').$type<OperationNews['state']>().notNull(),
    attempt: integer('attempt').notNull(),
    waitingFor: text('waiting_for').$type<OperationPrecondition>(),
    code: text('code').$type<ErrorCode>(),
    message: text('message'),
    /** By the clock of the host. */
    retryAt: text('retry_at'),
    at: text('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.operation] })],
);
