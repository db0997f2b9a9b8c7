import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { rateLimit } from '../db/schema/auth.ts';

const WINDOW_MS = 60_000;

/** The address a request came from, as the proxy before us tells it. */
export function addressOf(request: Request): string {
  const [first = ''] = (request.headers.get('x-forwarded-for') ?? '').split(',');
  return first.trim().slice(0, 64) || 'unknown';
}

/** Counts an attempt, good or not. Throws TooManyRequests for more than `max` a minute from one address. */
export async function countAttempt(
  db: ConsoleDatabase,
  { what, address, max }: { what: string; address: string; max: number },
  now: Date,
): Promise<void> {
  const key = `${address}|api ${what}`;
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(rateLimit).where(eq(rateLimit.key, key));
    const fresh = !row || row.lastRequest + WINDOW_MS <= now.getTime();
    if (row && !fresh && row.count >= max) {
      const seconds = Math.ceil((row.lastRequest + WINDOW_MS - now.getTime()) / 1000);
      throw new WaybillError('TooManyRequests', { seconds });
    }
    const count = fresh ? 1 : row.count + 1;
    const lastRequest = fresh ? now.getTime() : row.lastRequest;
    if (row) await tx.update(rateLimit).set({ count, lastRequest }).where(eq(rateLimit.key, key));
    else await tx.insert(rateLimit).values({ id: randomUUID(), key, count, lastRequest });
  });
}
