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
  listAddresses: async ({ context, query }) => {
    const { archived, limit, ...rest } = query;
    const filter = archived === undefined ? {} : { archived: archived === 'true' };
    const found = await listAddresses(context.db.read, { ...rest, ...filter, limit: limit + 1 });
    const page = found.slice(0, limit);
    const next = found.length > limit ? (page.at(-1)?.seq ?? null) : null;
    return { addresses: page.map(row), next };
  },
  getAddress: async ({ context, params }) =>
    row(await getAddress(context.db.read, params.addressId)),
  addAddress: async ({ context, actor, body, now }) =>
    row(await addAddress(context.db, actor, body, now)),
  changeAddress: async ({ context, actor, params, body, now }) => {
    const { archived, ...change } = body;
    return row(await changeAddress(context.db, actor, { ...params, change, archived }, now));
  },
  facilityAddress: async ({ context }) => ({ address: await facilityAddress(context.db.read) }),
  setFacilityAddress: async ({ context, actor, body, now }) => ({
    address: await setFacilityAddress(context.db, actor, body, now),
  }),
};
