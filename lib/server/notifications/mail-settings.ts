import type { KeyContext } from '../../keys/kms/kms.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { readSetting, removeSetting, writeSetting } from '../context/settings.ts';
import { appendCustody } from '../custody/log.ts';
import type { Reader } from '../db/database.ts';
import type { MailServer } from './mail.ts';

export const SMTP_CONTEXT: KeyContext = { use: 'smtp-password' };

type KeptServer = Omit<MailServer, 'password'>;
type Keeping = Pick<ServerContext, 'db' | 'kms'>;

/** Whether webhooks may go to private networks and to this host. */
export async function allowsPrivate(db: Reader): Promise<boolean> {
  return (await readSetting(db, 'webhooks-private')) === 'true';
}

/** The mail server with its password, for sending. */
export async function mailServer({ db, kms }: Keeping): Promise<MailServer | undefined> {
  const kept = await readSetting(db.read, 'smtp');
  if (kept === undefined) return undefined;
  const wrapped = await readSetting(db.read, 'smtp-password');
  const password = wrapped && (await kms.unwrap(wrapped, SMTP_CONTEXT)).toString('utf8');
  return { ...(JSON.parse(kept) as KeptServer), password };
}

/** The settings as people see them: never the password. */
export async function notificationSettings(db: Reader) {
  const kept = await readSetting(db, 'smtp');
  const hasPassword = (await readSetting(db, 'smtp-password')) !== undefined;
  return {
    allowPrivateAddresses: await allowsPrivate(db),
    smtp: kept === undefined ? null : { ...(JSON.parse(kept) as KeptServer), hasPassword },
  };
}

export interface SettingsChange {
  allowPrivateAddresses?: boolean | undefined;
  /** null: no mail server any more. A password that is left out stays, one that is empty goes. */
  smtp?: (KeptServer & { password?: string | undefined }) | null | undefined;
}

/** Changes what is given. Throws Forbidden. */
export async function changeNotificationSettings(
  { db, kms }: Keeping,
  actor: Actor,
  { allowPrivateAddresses, smtp }: SettingsChange,
  now: Date,
): Promise<void> {
  authorize(actor, 'settings.manage');
  const password = smtp?.password;
  const wrapped = password && (await kms.wrap(Buffer.from(password), SMTP_CONTEXT));
  await db.transaction(async (tx) => {
    const detail: Record<string, unknown> = { setting: 'notifications' };
    if (allowPrivateAddresses !== undefined) {
      await writeSetting(tx, 'webhooks-private', String(allowPrivateAddresses));
      detail.allowPrivateAddresses = allowPrivateAddresses;
    }
    const kept = await readSetting(tx, 'smtp');
    const other = kept !== undefined && smtp && (JSON.parse(kept) as KeptServer).host !== smtp.host;
    // A password that is kept goes to no other host than the one it was given for.
    if (smtp === null || password === '' || other) await removeSetting(tx, 'smtp-password');
    if (smtp === null) {
      await removeSetting(tx, 'smtp');
      detail.smtp = null;
    } else if (smtp) {
      const { password: _, ...server } = smtp;
      await writeSetting(tx, 'smtp', JSON.stringify(server));
      if (wrapped) await writeSetting(tx, 'smtp-password', wrapped);
      detail.smtp = { ...server, newPassword: password !== undefined };
    }
    await appendCustody(tx, actor, { kind: 'installation.changed', detail }, now);
  });
}
