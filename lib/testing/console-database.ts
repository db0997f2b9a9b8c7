import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { NewJob } from '../domain/new-job.ts';
import { TB } from '../domain/sizes.ts';
import type { Role } from '../domain/words.ts';
import type { Actor } from '../server/actors/actor.ts';
import type { ConsoleDatabase } from '../server/db/database.ts';
import { devices } from '../server/db/schema/devices.ts';
import { stores } from '../server/db/schema/stores.ts';
import { openDatabase } from '../server/db/sqlite/open-database.ts';
import { tempDir } from './temp.ts';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));
export const NOW = new Date('2026-01-02T03:04:05Z');

/** A person with a role. */
export const as = (role: Role, channel: Actor['channel'] = 'token'): Actor => ({
  id: `person:${role}`,
  role,
  channel,
});

/** A migrated database with the store "st" and the device "DEV-1", closed when the test ends. */
export async function consoleDatabase(): Promise<{ db: ConsoleDatabase; file: string }> {
  const file = join(tempDir(), 'waybill.db');
  const db = openDatabase(file, MIGRATIONS);
  onTestFinished(() => db.close());
  const createdAt = NOW.toISOString();
  await db.transaction(async (tx) => {
    await tx
      .insert(stores)
      .values({ id: 'st', name: 'Embedded', kind: 'directory', root: '/store', createdAt });
    await tx.insert(devices).values({
      id: 'DEV-1',
      owner: 'provider',
      capacityBytes: 80 * TB,
      state: 'available',
      createdAt,
    });
  });
  return { db, file };
}

export const newJob = (changes: Partial<NewJob> = {}): NewJob => ({
  name: 'A job',
  option: 'snowball',
  type: 'import',
  sizeBytes: 50 * TB,
  encrypted: true,
  storeId: 'st',
  bucket: 'bucket',
  ...changes,
});
