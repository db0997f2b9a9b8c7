import type { AnswerOf, BodyInput } from '../../lib/api/contract.ts';
import { addressLines } from '../../lib/domain/addresses.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { listItems, type Output } from '../output/output.ts';
import { pairs, table } from '../output/table.ts';

type Address = AnswerOf<'getAddress'>;

/** Options that describe an address: the member of the address each of them fills. */
export const ADDRESS_OPTIONS = {
  name: { flags: '--name <name>', about: 'who takes the device', required: true },
  company: { flags: '--company <company>', about: 'company', required: false },
  street1: { flags: '--street <line>', about: 'street and number', required: true },
  street2: { flags: '--street2 <line>', about: 'second line of the street', required: false },
  street3: { flags: '--street3 <line>', about: 'third line of the street', required: false },
  city: { flags: '--city <city>', about: 'city', required: true },
  postalCode: { flags: '--postal-code <code>', about: 'postal code', required: false },
  stateOrProvince: { flags: '--state <state>', about: 'state or province', required: false },
  prefectureOrDistrict: { flags: '--district <name>', about: 'district', required: false },
  landmark: { flags: '--landmark <text>', about: 'landmark', required: false },
  country: { flags: '--country <code>', about: 'country, two letters', required: true },
  phoneNumber: { flags: '--phone <number>', about: 'phone number', required: true },
} as const;

type Member = keyof typeof ADDRESS_OPTIONS;

/** What commander calls the value of an option such as "--postal-code <code>". */
const keyOf = (flags: string): string =>
  flags.replace(/^--| <.*$/g, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

type Described = ConsoleOptions & { pickup?: boolean } & { [name: string]: unknown };

function readMembers(options: Described): Partial<Record<Member, string>> & { type?: 'pickup' } {
  const members = Object.entries(ADDRESS_OPTIONS).flatMap(([member, { flags }]) => {
    const value = options[keyOf(flags)];
    return typeof value === 'string' ? [[member, value]] : [];
  });
  return { ...Object.fromEntries(members), ...(options.pickup ? { type: 'pickup' } : {}) };
}

const PAGE = 500;

/** Lists addresses, newest first; those in use unless the archived ones are asked for. */
export async function listAddresses(
  { archived = false, text, ...options }: ConsoleOptions & { archived?: boolean; text?: string },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const found: Address[] = [];
  let before: number | undefined;
  do {
    const page: AnswerOf<'listAddresses'> = await client.call('listAddresses', {
      query: { limit: PAGE, before, text, archived: archived ? 'true' : 'false' },
    });
    found.push(...page.addresses);
    before = page.next ?? undefined;
  } while (before !== undefined);
  const lines = table(
    ['ADDRESS', 'NAME', 'COMPANY', 'CITY', 'COUNTRY'],
    found.map(({ id, name, company, city, country }) => [id, name, company, city, country]),
  );
  listItems(
    output,
    found.map((address) => ({ address })),
    lines,
  );
  output.result({ facts: { addresses: found.length }, lines: [`${found.length} addresses`] });
  return 0;
}

/** Shows an address. */
export async function showAddress(
  addressId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  return printAddress(await client.call('getAddress', { params: { addressId } }), output);
}

/** Adds an address. */
export async function addAddress(options: Described, { output }: Context): Promise<Finished> {
  const { client } = consoleClient(options);
  // The parser has made sure of what is required.
  const body = readMembers(options) as BodyInput<'addAddress'>;
  return printAddress(await client.call('addAddress', { body }), output);
}

/** Changes what is given of an address. Throws Usage when nothing is. */
export async function changeAddress(
  addressId: string,
  options: Described,
  { output }: Context,
): Promise<Finished> {
  const body = readMembers(options);
  if (Object.keys(body).length === 0) {
    throw new WaybillError('Usage', { detail: 'what is to change? give at least one option' });
  }
  const { client } = consoleClient(options);
  return printAddress(await client.call('changeAddress', { params: { addressId }, body }), output);
}

/** Keeps new jobs from using an address, or lets them again. */
export async function archiveAddress(
  addressId: string,
  { undo = false, ...options }: ConsoleOptions & { undo?: boolean },
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const body = { archived: !undo };
  return printAddress(await client.call('changeAddress', { params: { addressId }, body }), output);
}

function printAddress(address: Address, output: Output): Finished {
  const lines = pairs([
    ['address', address.id],
    ['type', address.type],
    ['archived', address.archivedAt],
    ...addressLines(address).map((line, i) => [i === 0 ? 'to' : `line ${i + 1}`, line] as const),
  ]);
  output.result({ facts: { address }, lines });
  return 0;
}
