import { eq, isNotNull, isNull } from 'drizzle-orm';
import type { KeyContext } from '../../keys/kms/kms.ts';
import { SYSTEM } from '../actors/actor.ts';
import { jobKmsKey } from '../aws/aws-jobs.ts';
import { readSetting, type SettingName, writeSetting } from '../context/settings.ts';
import { jobContext } from '../credentials/job-keys.ts';
import { appendCustody } from '../custody/log.ts';
import type { Tx } from '../db/database.ts';
import { accessKeys } from '../db/schema/access-keys.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import { notificationTargets } from '../db/schema/notifications.ts';
import { SMTP_CONTEXT } from '../notifications/mail-settings.ts';
import { secretContext } from '../notifications/targets.ts';
import { accessKeyContext } from '../people/access-keys.ts';
import { AUTHORITY_CONTEXT, LINK_CONTEXT, SESSION_CONTEXT } from '../startup/authority.ts';
import { rewrapStores } from '../stores/store-credentials.ts';
import type { Admin } from './open-admin.ts';

const WRAPPED_SETTINGS: [SettingName, KeyContext][] = [
  ['authority-key', AUTHORITY_CONTEXT],
  ['session-secret', SESSION_CONTEXT],
  ['link-secret', LINK_CONTEXT],
  ['smtp-password', SMTP_CONTEXT],
];

/**
 * Adds a new master key and wraps everything stored again under it. Devices and manifests do not change. The
 * old keys stay in the ring, for backups and for what a running console is just writing, until they are
 * retired. Returns what to tell. Throws KeyUnavailable.
 */
export async function rotateMasterKey(
  { db, kms }: Admin,
  { retireOld = false }: { retireOld?: boolean },
): Promise<string> {
  const id = kms.rotate();
  const count = await db.transaction(async (tx) => {
    const rewrapped =
      (await rewrapSettings(tx, kms)) +
      (await rewrapJobs(tx, kms)) +
      (await rewrapKeys(tx, kms)) +
      (await rewrapTargets(tx, kms)) +
      (await rewrapStores(tx, (wrapped, context) => kms.rewrap(wrapped, context)));
    const detail = { masterKey: id, rewrapped, retiredOld: retireOld };
    await appendCustody(tx, SYSTEM, { kind: 'installation.key-rotated', detail }, new Date());
    return rewrapped;
  });
  if (retireOld) kms.retireOld();
  return `master key ${id} is current; ${count} entries wrapped again${retireOld ? '; the old master keys are gone' : ''}`;
}

async function rewrapSettings(tx: Tx, kms: Admin['kms']): Promise<number> {
  let count = 0;
  for (const [name, context] of WRAPPED_SETTINGS) {
    const wrapped = await readSetting(tx, name);
    if (!wrapped) continue;
    await writeSetting(tx, name, await kms.rewrap(wrapped, context));
    count += 1;
  }
  return count;
}

async function rewrapJobs(tx: Tx, kms: Admin['kms']): Promise<number> {
  const rows = await tx.select().from(jobCredentials).where(isNull(jobCredentials.keyDestroyedAt));
  for (const { jobId, wrappedJobKey, wrappedPrivateKey, wrappedUnlockCode } of rows) {
    const keyId = await jobKmsKey(tx, jobId);
    const again = (wrapped: string, use: Parameters<typeof jobContext>[1]) =>
      kms.rewrap(wrapped, jobContext(jobId, use), keyId);
    const columns = {
      wrappedJobKey: wrappedJobKey === null ? null : await again(wrappedJobKey, 'job-key'),
      wrappedPrivateKey: await again(wrappedPrivateKey, 'private-key'),
      wrappedUnlockCode: await again(wrappedUnlockCode, 'unlock-code'),
    };
    await tx.update(jobCredentials).set(columns).where(eq(jobCredentials.jobId, jobId));
  }
  return rows.length;
}

async function rewrapKeys(tx: Tx, kms: Admin['kms']): Promise<number> {
  const rows = await tx.select().from(accessKeys);
  for (const { id, wrappedSecret: wrapped } of rows) {
    const wrappedSecret = await kms.rewrap(wrapped, accessKeyContext(id));
    await tx.update(accessKeys).set({ wrappedSecret }).where(eq(accessKeys.id, id));
  }
  return rows.length;
}

async function rewrapTargets(tx: Tx, kms: Admin['kms']): Promise<number> {
  const targets = await tx
    .select()
    .from(notificationTargets)
    .where(isNotNull(notificationTargets.wrappedSecret));
  for (const { id, wrappedSecret } of targets) {
    const again = await kms.rewrap(wrappedSecret ?? '', secretContext(id));
    await tx
      .update(notificationTargets)
      .set({ wrappedSecret: again })
      .where(eq(notificationTargets.id, id));
  }
  return targets.length;
}
