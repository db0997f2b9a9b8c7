import { eq } from 'drizzle-orm';
import type { Reader, Tx } from '../db/database.ts';
import { settings } from '../db/schema/settings.ts';

/** Names of the installation's facts. */
export type SettingName =
  | 'authority-certificate'
  | 'authority-key'
  | 'erase-grace-days'
  | 'events-pruned-to'
  | 'facility-address'
  | 'session-secret'
  | 'link-secret'
  | 'setup-token-hash'
  | 'smtp'
  | 'smtp-password'
  | 'tamper-seals-required'
  | 'webhooks-private';

export async function readSetting(db: Reader, name: SettingName): Promise<string | undefined> {
  const [row] = await db.select().from(settings).where(eq(settings.name, name));
  return row?.value;
}

export async function writeSetting(tx: Tx, name: SettingName, value: string): Promise<void> {
  await tx
    .insert(settings)
    .values({ name, value })
    .onConflictDoUpdate({ target: settings.name, set: { value } });
}

export async function removeSetting(tx: Tx, name: SettingName): Promise<void> {
  await tx.delete(settings).where(eq(settings.name, name));
}
