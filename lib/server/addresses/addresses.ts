import { randomUUID } from 'node:crypto';
import { and, desc, eq, isNotNull, isNull, lt, or } from 'drizzle-orm';
import { type Address, addressLines, checkAddress } from '../../domain/addresses.ts';
import { WaybillError } from '../../domain/errors.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import { holdsText } from '../db/contains-text.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { addresses } from '../db/schema/addresses.ts';

export type AddressRecord = typeof addresses.$inferSelect;

/** "ADID" and a UUID, as the ids of the Snowball API. */
export const newAddressId = (): string => `ADID${randomUUID()}`;

/** Which addresses a list shows. */
export interface AddressFilter {
  /** Those that may be used (false), or those that no new job may use (true). */
  archived?: boolean | undefined;
  /** Part of name, company, street, city or postal code. */
  text?: string | undefined;
}

/** Addresses, newest first, from below `before` (an address's `seq`). */
export async function listAddresses(
  db: Reader,
  page: { before?: number | undefined; limit: number } & AddressFilter,
): Promise<AddressRecord[]> {
  const { before, limit, archived, text } = page;
  const { name, company, street1, city, postalCode } = addresses;
  return db
    .select()
    .from(addresses)
    .where(
      and(
        before === undefined ? undefined : lt(addresses.seq, before),
        archived === undefined ? undefined : (archived ? isNotNull : isNull)(addresses.archivedAt),
        text === undefined
          ? undefined
          : or(
              ...[name, company, street1, city, postalCode].map((column) =>
                holdsText(column, text),
              ),
            ),
      ),
    )
    .orderBy(desc(addresses.seq))
    .limit(limit);
}

/** One address. Throws NotFound. */
export async function getAddress(db: Reader, id: string): Promise<AddressRecord> {
  const [row] = await db.select().from(addresses).where(eq(addresses.id, id));
  if (!row) throw new WaybillError('NotFound', { what: 'address', id });
  return row;
}

/** An address that a job may take. Throws NotFound, AddressArchived. */
export async function usableAddress(db: Reader, id: string): Promise<AddressRecord> {
  const row = await getAddress(db, id);
  if (row.archivedAt !== null) throw new WaybillError('AddressArchived', { addressId: id });
  return row;
}

/** Adds an address. Throws AddressInvalid, Forbidden. */
export async function addAddress(
  db: ConsoleDatabase,
  actor: Actor,
  address: Address,
  now: Date,
): Promise<AddressRecord> {
  authorize(actor, 'address.manage');
  checkAddress(address);
  return db.transaction(async (tx) => {
    const id = newAddressId();
    const [row] = await tx
      .insert(addresses)
      .values({ ...address, id, createdAt: now.toISOString() })
      .returning();
    if (!row) throw new WaybillError('Internal', { reference: 'address not inserted' });
    const detail = { addressId: id, to: logged(row) };
    await appendCustody(tx, actor, { kind: 'address.added', detail }, now);
    return row;
  });
}

/**
 * Changes an address, or archives it so that no new job may take it. Devices that were shipped keep the text of
 * their time. Throws NotFound, AddressInvalid, Forbidden.
 */
export async function changeAddress(
  db: ConsoleDatabase,
  actor: Actor,
  request: { addressId: string; change: Partial<Address>; archived?: boolean | undefined },
  now: Date,
): Promise<AddressRecord> {
  authorize(actor, 'address.manage');
  const { addressId, change, archived } = request;
  return db.transaction(async (tx) => {
    const before = await getAddress(tx, addressId);
    checkAddress({ ...before, ...change });
    const archivedAt =
      archived === undefined || archived === (before.archivedAt !== null)
        ? before.archivedAt
        : archived
          ? now.toISOString()
          : null;
    const [after] = await tx
      .update(addresses)
      .set({ ...change, archivedAt })
      .where(eq(addresses.id, addressId))
      .returning();
    const detail = { addressId, to: logged(after ?? before), archived };
    await appendCustody(tx, actor, { kind: 'address.changed', detail }, now);
    return after ?? before;
  });
}

/** What the custody log says of an address: where devices go; nobody's phone number. */
export const logged = (address: Address): string[] => addressLines({ ...address, phoneNumber: '' });

/** The text of an address without what the table adds. */
export function textOf(row: AddressRecord): Address {
  const { seq: _seq, id: _id, createdAt: _created, archivedAt: _archived, ...text } = row;
  return text;
}
