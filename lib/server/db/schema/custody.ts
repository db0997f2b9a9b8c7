import { customType, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { CustodyKind } from '../../../domain/custody.ts';

/**
 * What an entry says, as the text that was hashed. A text that is not what the console would have written, because
 * somebody changed it, is kept as text: the page still shows it, and its hash never fits.
 */
export const custodyDetail = customType<{ data: Record<string, unknown>; driverData: string }>({
  dataType: () => 'text',
  toDriver: (detail) => JSON.stringify(detail),
  fromDriver: (stored) => detailOf(stored) ?? { unreadable: String(stored) },
});

function detailOf(stored: unknown): Record<string, unknown> | undefined {
  if (typeof stored !== 'string') return undefined;
  try {
    const detail: unknown = JSON.parse(stored);
    const isRecord = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
    if (isRecord && JSON.stringify(detail) === stored) return detail as Record<string, unknown>;
  } catch {
    // No JSON.
  }
  return undefined;
}

/** Signed heads of the custody log. They lie as files beside the database too; triggers refuse to change, replace or delete a row. */
export const custodyHeads = sqliteTable('custody_heads', {
  /** Number of the last entry that it vouches for. */
  seq: integer('seq').primaryKey(),
  /** Hash of that entry. */
  hash: text('hash').notNull(),
  at: text('at').notNull(),
  /** CMS SignedData, base64. */
  cms: text('cms').notNull(),
});

/** The custody log. Triggers of the migration refuse to change, replace or delete a row. */
export const custody = sqliteTable(
  'custody',
  {
    seq: integer('seq').primaryKey(),
    at: text('at').notNull(),
    kind: text('kind').$type<CustodyKind>().notNull(),
    jobId: text('job_id'),
    deviceId: text('device_id'),
    actor: text('actor').notNull(),
    channel: text('channel').notNull(),
    detail: custodyDetail('detail').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    index('custody_job').on(table.jobId, table.seq),
    index('custody_device').on(table.deviceId, table.seq),
  ],
);
