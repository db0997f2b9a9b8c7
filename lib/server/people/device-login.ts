import { and, eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { hashToken } from '../../keys/secrets.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { session, user } from '../db/schema/auth.ts';
import { insertToken } from './tokens.ts';

const DAY_MS = 86_400_000;
const LOGIN_DAYS = 90;

/**
 * Exchanges the session that a device login gave (RFC 8628) for an access token of the person, and ends the
 * session: a program needs no cookie. The session of a browser stays one. Throws NotSignedIn.
 */
export async function exchangeLogin(
  db: ConsoleDatabase,
  request: { session: string; name: string },
  now: Date,
): Promise<{ id: string; token: string }> {
  return db.transaction(async (tx) => {
    const [ended] = await tx
      .delete(session)
      .where(and(eq(session.token, hashToken(request.session)), eq(session.deviceLogin, true)))
      .returning();
    if (!ended || ended.expiresAt <= now) throw new WaybillError('NotSignedIn');
    const [person] = await tx.select().from(user).where(eq(user.id, ended.userId));
    if (!person || person.disabled) throw new WaybillError('NotSignedIn');
    const { id: subject, role } = person;
    const expiresAt = new Date(now.getTime() + LOGIN_DAYS * DAY_MS);
    return insertToken(
      tx,
      { id: `person:${subject}`, role, channel: 'token' },
      { kind: 'person', name: request.name, subject, role, expiresAt },
      now,
    );
  });
}
