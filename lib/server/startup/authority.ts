import { randomBytes } from 'node:crypto';
import { createAuthority, type KeyedCertificate } from '../../keys/certificates.ts';
import type { KeyContext, Kms } from '../../keys/kms/kms.ts';
import { readSetting, writeSetting } from '../context/settings.ts';
import type { ConsoleDatabase } from '../db/database.ts';

export const AUTHORITY_CONTEXT: KeyContext = { use: 'authority' };
export const SESSION_CONTEXT: KeyContext = { use: 'session-secret' };
export const LINK_CONTEXT: KeyContext = { use: 'link-secret' };

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

/** The secret that signs session cookies, in base64. */
export async function openSessionSecret(db: ConsoleDatabase, kms: Kms): Promise<string> {
  return (await openSecret(db, kms, 'session-secret', SESSION_CONTEXT)).toString('base64');
}

/** The secret that signs links and page tokens. */
export function openLinkSecret(db: ConsoleDatabase, kms: Kms): Promise<Buffer> {
  return openSecret(db, kms, 'link-secret', LINK_CONTEXT);
}

/** 32 random bytes, made at first use and kept wrapped. */
async function openSecret(
  db: ConsoleDatabase,
  kms: Kms,
  name: 'session-secret' | 'link-secret',
  context: KeyContext,
): Promise<Buffer> {
  const wrapped = await kms.wrap(randomBytes(32), context);
  const kept = await db.transaction(async (tx) => {
    const before = await readSetting(tx, name);
    if (!before) await writeSetting(tx, name, wrapped);
    return before ?? wrapped;
  });
  return kms.unwrap(kept, context);
}
