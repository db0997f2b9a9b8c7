import { type Address, checkAddress } from '../../domain/addresses.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { readSetting, writeSetting } from '../context/settings.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { getAddress, logged, textOf } from './addresses.ts';

/** The facility's own address, if it has been told. */
export async function facilityAddress(db: Reader): Promise<Address | null> {
  const kept = await readSetting(db, 'facility-address');
  return kept === undefined ? null : (JSON.parse(kept) as Address);
}

/** Tells where the facility is. Throws AddressInvalid, Forbidden. */
export async function setFacilityAddress(
  db: ConsoleDatabase,
  actor: Actor,
  address: Address,
  now: Date,
): Promise<Address> {
  authorize(actor, 'settings.manage');
  checkAddress(address);
  await db.transaction(async (tx) => {
    await writeSetting(tx, 'facility-address', JSON.stringify(address));
    const detail = { setting: 'facility-address', to: logged(address) };
    await appendCustody(tx, actor, { kind: 'installation.changed', detail }, now);
  });
  return address;
}

/** Where a leg leads, as it is kept with the shipment: the job's address, or the facility's. */
export async function destinationOf(
  db: Reader,
  { leg, addressId }: { leg: 'to-site' | 'to-facility'; addressId: string | null },
): Promise<Address | null> {
  if (leg === 'to-facility') return facilityAddress(db);
  return addressId === null ? null : textOf(await getAddress(db, addressId));
}
