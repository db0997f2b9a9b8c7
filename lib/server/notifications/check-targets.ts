import { inArray } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { Reader } from '../db/database.ts';
import { notificationTargets } from '../db/schema/notifications.ts';

/** Throws NotFound for a target that a job names and that does not exist. */
export async function checkTargets(db: Reader, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = await db
    .select()
    .from(notificationTargets)
    .where(inArray(notificationTargets.id, [...ids]));
  const missing = ids.find((id) => !known.some((row) => row.id === id && row.removedAt === null));
  if (missing !== undefined)
    throw new WaybillError('NotFound', { what: 'notification target', id: missing.slice(0, 64) });
}
