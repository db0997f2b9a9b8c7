import { and, eq, isNull } from 'drizzle-orm';
import { permits } from '../../domain/permissions.ts';
import type { PersonRole } from '../../domain/words.ts';
import type { Tx } from '../db/database.ts';
import { accessKeys } from '../db/schema/access-keys.ts';
import { invitations } from '../db/schema/invitations.ts';
import { accessTokens } from '../db/schema/tokens.ts';

/**
 * Voids what a person made and may not have any more, within a change: their open links when they manage people no
 * longer, and their tokens and access keys when they are disabled. What is void stays so when they come back.
 */
export async function voidRights(
  tx: Tx,
  person: { id: string; role: PersonRole; disabled: boolean },
  now: Date,
): Promise<void> {
  const { id, role, disabled } = person;
  const revoked = { revokedAt: now.toISOString() };
  if (disabled || !permits(role, 'people.manage')) {
    const made = and(eq(invitations.createdBy, `person:${id}`), isNull(invitations.usedAt));
    await tx
      .update(invitations)
      .set(revoked)
      .where(and(made, isNull(invitations.revokedAt)));
  }
  if (!disabled) return;
  const tokens = and(eq(accessTokens.kind, 'person'), eq(accessTokens.subject, id));
  await tx
    .update(accessTokens)
    .set(revoked)
    .where(and(tokens, isNull(accessTokens.revokedAt)));
  const keys = and(eq(accessKeys.personId, id), isNull(accessKeys.revokedAt));
  await tx.update(accessKeys).set(revoked).where(keys);
}
