import { type Actor, authorize } from '../actors/actor.ts';
import { readSetting, removeSetting, writeSetting } from '../context/settings.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';

/**
 * Whether tamper seals that were noted at departure have to be compared before an import begins. Unless the installation
 * says so they are asked for and hold nothing up: a station that works at night has nobody to look at the case.
 */
export async function sealsRequiredOf(db: Reader): Promise<boolean> {
  return (await readSetting(db, 'tamper-seals-required')) !== undefined;
}

/** Changes it, also for devices that have arrived already. Throws Forbidden. */
export async function changeSealsRequired(
  db: ConsoleDatabase,
  actor: Actor,
  { required }: { required: boolean },
  now: Date,
): Promise<{ required: boolean }> {
  authorize(actor, 'settings.manage');
  await db.transaction(async (tx) => {
    const from = await sealsRequiredOf(tx);
    if (from === required) return;
    if (required) await writeSetting(tx, 'tamper-seals-required', 'yes');
    else await removeSetting(tx, 'tamper-seals-required');
    const detail = { tamperSealsRequired: required, from };
    await appendCustody(tx, actor, { kind: 'installation.changed', detail }, now);
  });
  return { required };
}
