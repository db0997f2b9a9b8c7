import { randomBytes } from 'node:crypto';
import { createAuthority, type KeyedCertificate } from '../keys/certificates.ts';
import type { KeyContext, Kms } from '../keys/kms.ts';
import type { ConsoleDatabase } from './db/client.ts';
import { readSetting, writeSetting } from './settings.ts';

export const AUTHORITY_CONTEXT: KeyContext = { use: 'authority' };
export const SESSION_CONTEXT: KeyContext = { use: 'session-secret' };

/** The installation's certificate authority, made at first use; its key is kept wrapped. */
export async function openAuthority(
  db: ConsoleDatabase,
  kms: Kms,
  now: Date,
): Promise<KeyedCertificate> {
  const kept = await readAuthority(db, kms);
  if (kept) return kept;
  const made = await createAuthority({ name: 'Waybill installation', now });
  const wrapped = await kms.wrap(Buffer.from(made.privateKeyPem), AUTHORITY_CONTEXT);
  await db.transaction(async (tx) => {
    if (await readSetting(tx, 'authority-key')) return;
    await writeSetting(tx, 'authority-certificate', made.certificatePem);
    await writeSetting(tx, 'authority-key', wrapped);
  });
  return (await readAuthority(db, kms)) ?? made;
}

async function readAuthority(db: ConsoleDatabase, kms: Kms): Promise<KeyedCertificate | undefined> {
  const certificatePem = await readSetting(db.read, 'authority-certificate');
  const wrapped = await readSetting(db.read, 'authority-key');
  if (!certificatePem || !wrapped) return undefined;
  const privateKeyPem = (await kms.unwrap(wrapped, AUTHORITY_CONTEXT)).toString('utf8');
  return { certificatePem, privateKeyPem };
}

/** The secret that signs session cookies, made at first use and kept wrapped. */
export async function openSessionSecret(db: ConsoleDatabase, kms: Kms): Promise<string> {
  const wrapped = await kms.wrap(randomBytes(32), SESSION_CONTEXT);
  const kept = await db.transaction(async (tx) => {
    const before = await readSetting(tx, 'session-secret');
    if (!before) await writeSetting(tx, 'session-secret', wrapped);
    return before ?? wrapped;
  });
  return (await kms.unwrap(kept, SESSION_CONTEXT)).toString('base64');
}
