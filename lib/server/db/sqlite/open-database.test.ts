import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { consoleDatabase } from '../../../testing/console-database.ts';
import type { Reader, Tx } from '../database.ts';
import { settings } from '../schema/settings.ts';

const read = async (db: Reader, name: string) =>
  (await db.select().from(settings).where(eq(settings.name, name)))[0]?.value;

const write = async (tx: Tx, name: string, value: string) => {
  const set = { target: settings.name, set: { value } };
  await tx.insert(settings).values({ name, value }).onConflictDoUpdate(set);
};

const fails = (n: number) => n % 3 === 0;

test('changes that come together follow each other, and each is whole or not at all', async () => {
  const { db } = await consoleDatabase();
  const before: (string | undefined)[] = [];
  const change = (n: number) =>
    db.transaction(async (tx) => {
      before.push(await read(tx, 'last'));
      await write(tx, `n${n}`, 'made');
      await write(tx, 'last', String(n));
      if (fails(n)) throw new RangeError(`not ${n}`);
      return n;
    });
  const told = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => change(n)));
  for (const [n, outcome] of told.entries()) {
    expect(outcome).toMatchObject(fails(n) ? { status: 'rejected' } : { value: n });
    expect([n, await read(db.read, `n${n}`)]).toEqual([n, fails(n) ? undefined : 'made']);
    if (n > 1) expect(before[n]).toBe(String(fails(n - 1) ? n - 2 : n - 1));
  }
});
