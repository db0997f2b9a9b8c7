import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { rateLimit } from '../db/schema/auth.ts';

const WINDOW_MS = 60_000;

/**
 * The address a request came from. Each proxy adds the one it sees at the end of `X-Forwarded-For`: what stands before
 * those of our own proxies was sent along by whoever asks, and may be anything.
 */
export function addressOf(request: Request, proxies: number): string {
  const addresses = (request.headers.get('x-forwarded-for') ?? '').split(',');
  const address = addresses[Math.max(0, addresses.length - proxies)] ?? '';
  return address.trim().slice(0, 64) || 'unknown';
}

interface Attempts {
  what: string;
  address: string;
  max: number;
}

const keyOf = ({ what, address }: Attempts): string => `${address}|api ${what}`;

/** Throws TooManyRequests when an address has used up its attempts of this minute; counts nothing. */
export async function requireAttemptsLeft(
  db: Reader,
  attempts: Attempts,
  now: Date,
): Promise<void> {
  const [row] = await db
    .select()
    .from(rateLimit)
    .where(eq(rateLimit.key, keyOf(attempts)));
  if (row) requireLeft(row, attempts.max, now);
}

function requireLeft(row: typeof rateLimit.$inferSelect, max: number, now: Date): void {
  const leftMs = row.lastRequest + WINDOW_MS - now.getTime();
  if (leftMs > 0 && row.count >= max)
    throw new WaybillError('TooManyRequests', { seconds: Math.ceil(leftMs / 1000) });
}

/** Counts an attempt, good or not. Throws TooManyRequests for more than `max` a minute from one address. */
export async function countAttempt(
  db: ConsoleDatabase,
  attempts: Attempts,
  now: Date,
): Promise<void> {
  const key = keyOf(attempts);
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(rateLimit).where(eq(rateLimit.key, key));
    if (row) requireLeft(row, attempts.max, now);
    const isFresh = !row || row.lastRequest + WINDOW_MS <= now.getTime();
    const count = isFresh ? 1 : row.count + 1;
    const lastRequest = isFresh ? now.getTime() : row.lastRequest;
    if (row) await tx.update(rateLimit).set({ count, lastRequest }).where(eq(rateLimit.key, key));
    else await tx.insert(rateLimit).values({ id: randomUUID(), key, count, lastRequest });
  });
}
