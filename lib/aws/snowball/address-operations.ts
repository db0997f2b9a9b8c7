import type { Address } from '../../domain/addresses.ts';
import { authorize } from '../../server/actors/actor.ts';
import {
  type AddressRecord,
  addAddress,
  getAddress,
  listAddresses,
} from '../../server/addresses/addresses.ts';
import { countryCode } from '../countries.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall, SnowballOperation } from './call.ts';
import { changes, reads } from './call.ts';
import { cutPage, pageOf } from './page-token.ts';

type TextField = Exclude<keyof Address, 'isRestricted' | 'type'>;

/** Members of an Address and the fields that they are here. */
const FIELDS: Record<TextField, string> = {
  name: 'Name',
  company: 'Company',
  street1: 'Street1',
  street2: 'Street2',
  street3: 'Street3',
  city: 'City',
  stateOrProvince: 'StateOrProvince',
  prefectureOrDistrict: 'PrefectureOrDistrict',
  landmark: 'Landmark',
  country: 'Country',
  postalCode: 'PostalCode',
  phoneNumber: 'PhoneNumber',
};
const FIELD_NAMES = Object.keys(FIELDS) as TextField[];

const TYPES = { delivery: 'AWS_SHIP', pickup: 'CUST_PICKUP' } as const;

/** From the wire. */
function addressOf(members: Members): Address {
  const text = (field: TextField) => String(members[FIELDS[field]] ?? '').trim();
  const fields = Object.fromEntries(FIELD_NAMES.map((field) => [field, text(field)]));
  return {
    ...(fields as Record<TextField, string>),
    country: countryCode(text('country')),
    isRestricted: members.IsRestricted === true,
    type: members.Type === TYPES.pickup ? 'pickup' : 'delivery',
  };
}

/** To the wire, without what is empty. */
export function addressMembers(row: AddressRecord): Members {
  const texts = FIELD_NAMES.filter((field) => row[field] !== '').map((field): [string, string] => [
    FIELDS[field],
    row[field],
  ]);
  const { id: AddressId, isRestricted: IsRestricted, type } = row;
  return { AddressId, ...Object.fromEntries(texts), IsRestricted, Type: TYPES[type] };
}

async function createAddress({ context, actor, input, now }: SnowballCall): Promise<Members> {
  const address = addressOf(input.Address as Members);
  const { id } = await addAddress(context.db, actor, address, now);
  return { AddressId: id };
}

async function describeAddress({ context, actor, input }: SnowballCall): Promise<Members> {
  authorize(actor, 'address.read');
  return { Address: addressMembers(await getAddress(context.db.read, String(input.AddressId))) };
}

async function describeAddresses(call: SnowballCall): Promise<Members> {
  const { context, actor } = call;
  authorize(actor, 'address.read');
  const { limit, after: before } = pageOf<number>(call, 'DescribeAddresses');
  const filter = { archived: false, before, limit: limit + 1 };
  const entries = await listAddresses(context.db.read, filter);
  const cut = { entries, limit, placeOf: (row: AddressRecord) => row.seq };
  const { page, NextToken } = cutPage(call, 'DescribeAddresses', cut);
  return { Addresses: page.map(addressMembers), NextToken };
}

/** Where devices are shipped. */
export const addressOperations = {
  CreateAddress: changes(createAddress),
  DescribeAddress: reads(describeAddress),
  DescribeAddresses: reads(describeAddresses),
} satisfies Record<string, SnowballOperation>;
