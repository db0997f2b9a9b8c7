import type { AddressRow } from '../../../../lib/api/schemas/address-schemas.ts';
import {
  type AddressRecord,
  addAddress,
  changeAddress,
  getAddress,
  listAddresses,
} from '../../../../lib/server/addresses/addresses.ts';
import {
  facilityAddress,
  setFacilityAddress,
} from '../../../../lib/server/addresses/facility-address.ts';
import type { Handlers } from '../handle.ts';

type AddressRoutes =
  | 'listAddresses'
  | 'getAddress'
  | 'addAddress'
  | 'changeAddress'
  | 'facilityAddress'
  | 'setFacilityAddress';

const row = ({ seq: _, ...address }: AddressRecord): AddressRow => address;

/** Where devices are shipped to and from. */
export const addressHandlers: Pick<Handlers, AddressRoutes> = {
  listAddresses: async ({ console, query }) => {
    const { archived, limit, ...rest } = query;
    const filter = archived === undefined ? {} : { archived: archived === 'true' };
    const found = await listAddresses(console.db.read, { ...rest, ...filter, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const next = found.length > limit ? (shown.at(-1)?.seq ?? null) : null;
    return { addresses: shown.map(row), next };
  },
  getAddress: async ({ console, params }) =>
    row(await getAddress(console.db.read, params.addressId)),
  addAddress: async ({ console, actor, body, now }) =>
    row(await addAddress(console.db, actor, body, now)),
  changeAddress: async ({ console, actor, params, body, now }) => {
    const { archived, ...change } = body;
    return row(await changeAddress(console.db, actor, { ...params, change, archived }, now));
  },
  facilityAddress: async ({ console }) => ({ address: await facilityAddress(console.db.read) }),
  setFacilityAddress: async ({ console, actor, body, now }) => ({
    address: await setFacilityAddress(console.db, actor, body, now),
  }),
};
