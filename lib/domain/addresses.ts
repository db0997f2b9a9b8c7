import { COUNTRY_CODES, type CountryCode } from './countries.ts';
import { WaybillError } from './errors.ts';
import { isWord } from './words.ts';

/** Where a device is shipped to or from; the members are those of the Address of AWS's Snowball API. */
export interface Address {
  name: string;
  company: string;
  street1: string;
  street2: string;
  street3: string;
  city: string;
  stateOrProvince: string;
  prefectureOrDistrict: string;
  landmark: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  postalCode: string;
  phoneNumber: string;
  /** The carrier may deliver only to the person named. */
  isRestricted: boolean;
  type: AddressType;
}

export const ADDRESS_TYPES = ['delivery', 'pickup'] as const;
/** `delivery`: a carrier brings the device (AWS_SHIP). `pickup`: a person fetches it there (CUST_PICKUP). */
export type AddressType = (typeof ADDRESS_TYPES)[number];

type TextField = Exclude<keyof Address, 'isRestricted' | 'type'>;

interface AddressFieldRow {
  label: string;
  required: boolean;
  /** Characters. */
  max: number;
}

/** The lines of an address, in the order of forms and labels. Lengths are those that carriers print. */
export const ADDRESS_FIELDS: Record<TextField, AddressFieldRow> = {
  name: { label: 'Name', required: true, max: 100 },
  company: { label: 'Company', required: false, max: 100 },
  street1: { label: 'Street', required: true, max: 100 },
  street2: { label: 'Street, second line', required: false, max: 100 },
  street3: { label: 'Street, third line', required: false, max: 100 },
  landmark: { label: 'Landmark', required: false, max: 100 },
  city: { label: 'City', required: true, max: 100 },
  prefectureOrDistrict: { label: 'Prefecture or district', required: false, max: 100 },
  stateOrProvince: { label: 'State or province', required: false, max: 100 },
  postalCode: { label: 'Postal code', required: false, max: 20 },
  country: { label: 'Country', required: true, max: 2 },
  phoneNumber: { label: 'Phone number', required: true, max: 30 },
};
export const ADDRESS_FIELD_NAMES = Object.keys(ADDRESS_FIELDS) as TextField[];

interface CountryRow {
  postalCode: RegExp;
  example: string;
  /** The carrier needs the state or province. */
  state?: true;
}

/** What carriers ask of addresses in a country beyond the fields; a country that is not here asks nothing more. */
export const COUNTRY_RULES: Partial<Record<CountryCode, CountryRow>> = {
  AT: { postalCode: /^\d{4}$/, example: '1010' },
  AU: { postalCode: /^\d{4}$/, example: '2000', state: true },
  BE: { postalCode: /^\d{4}$/, example: '1000' },
  BR: { postalCode: /^\d{5}-?\d{3}$/, example: '01310-100', state: true },
  CA: { postalCode: /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i, example: 'K1A 0B1', state: true },
  CH: { postalCode: /^\d{4}$/, example: '8001' },
  CN: { postalCode: /^\d{6}$/, example: '100000', state: true },
  CZ: { postalCode: /^\d{3} ?\d{2}$/, example: '110 00' },
  DE: { postalCode: /^\d{5}$/, example: '10115' },
  DK: { postalCode: /^\d{4}$/, example: '1050' },
  ES: { postalCode: /^\d{5}$/, example: '28001' },
  FI: { postalCode: /^\d{5}$/, example: '00100' },
  FR: { postalCode: /^\d{5}$/, example: '75001' },
  GB: { postalCode: /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i, example: 'SW1A 1AA' },
  IN: { postalCode: /^[1-9]\d{2} ?\d{3}$/, example: '110001', state: true },
  IT: { postalCode: /^\d{5}$/, example: '00118' },
  JP: { postalCode: /^\d{3}-?\d{4}$/, example: '100-0001', state: true },
  KR: { postalCode: /^\d{5}$/, example: '03051' },
  MX: { postalCode: /^\d{5}$/, example: '06000', state: true },
  NL: { postalCode: /^\d{4} ?[A-Z]{2}$/i, example: '1012 AB' },
  NO: { postalCode: /^\d{4}$/, example: '0150' },
  PL: { postalCode: /^\d{2}-?\d{3}$/, example: '00-001' },
  PT: { postalCode: /^\d{4}-?\d{3}$/, example: '1000-001' },
  SE: { postalCode: /^\d{3} ?\d{2}$/, example: '111 20' },
  SG: { postalCode: /^\d{6}$/, example: '018956' },
  US: { postalCode: /^\d{5}(-\d{4})?$/, example: '98101', state: true },
};

/** Carriers bring devices to a door with somebody behind it. */
const POST_BOX = /\bp\.?\s*o\.?\s*box\b|\bpost(al)?\s*box\b|\bpostfach\b|\bbo[iî]te postale\b/i;
const PHONE = /^\+?[\d\s().\-/x]{5,30}$/i;
/** Marks that change the direction of text could show another address than the one that is kept. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** One thing that is wrong with an address: the field, and what it should be. */
export interface AddressProblem {
  field: TextField;
  problem: string;
}

/** Everything that is wrong with an address; none, and a device can be shipped to it. */
export function addressProblems(address: Address): AddressProblem[] {
  return [
    ...ADDRESS_FIELD_NAMES.flatMap((field) => fieldProblem(field, address[field])),
    ...countryProblems(address),
  ];
}

function fieldProblem(field: TextField, value: string): AddressProblem[] {
  const { label, required, max } = ADDRESS_FIELDS[field];
  const problem = (text: string) => [{ field, problem: text }];
  if (value.trim() === '') return required ? problem(`${label} is missing`) : [];
  if (value.length > max) return problem(`${label} has at most ${max} characters`);
  if (HIDDEN.test(value)) return problem(`${label} is one line of plain text`);
  if (field.startsWith('street') && POST_BOX.test(value))
    return problem('a carrier does not deliver to a post box; give a street');
  if (field === 'country' && !isWord(COUNTRY_CODES, value))
    return problem('Country is a code of two letters (ISO 3166), such as DE');
  if (field === 'phoneNumber' && (!PHONE.test(value) || value.replace(/\D/g, '').length < 5))
    return problem('Phone number is digits, such as +49 30 1234567');
  return [];
}

function countryProblems({ country, postalCode, stateOrProvince }: Address): AddressProblem[] {
  const rule = isWord(COUNTRY_CODES, country) ? COUNTRY_RULES[country] : undefined;
  if (!rule) return [];
  const problems: AddressProblem[] = [];
  if (!rule.postalCode.test(postalCode.trim())) {
    const problem = `Postal code in ${country} looks like ${rule.example}`;
    problems.push({ field: 'postalCode', problem });
  }
  if (rule.state && stateOrProvince.trim() === '') {
    const problem = `State or province is needed in ${country}`;
    problems.push({ field: 'stateOrProvince', problem });
  }
  return problems;
}

/** Throws AddressInvalid, naming all that is wrong. */
export function checkAddress(address: Address): void {
  const problems = addressProblems(address);
  if (problems.length === 0) return;
  throw new WaybillError('AddressInvalid', {
    detail: problems.map(({ problem }) => problem).join('; '),
    fields: problems.map(({ field }) => field).join(','),
  });
}

/** An address as lines of a label, empty ones left out. */
export function addressLines(address: Address): string[] {
  const { name, company, street1, street2, street3, landmark } = address;
  const { city, prefectureOrDistrict, stateOrProvince, postalCode, country, phoneNumber } = address;
  const place = [postalCode, city].filter(Boolean).join(' ');
  const region = [prefectureOrDistrict, stateOrProvince].filter(Boolean).join(', ');
  return [name, company, street1, street2, street3, landmark, place, region, country, phoneNumber]
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
