import { COUNTRY_CODES } from '../domain/countries.ts';

/** What clients write for a country, as its code. */

const NAMES = new Intl.DisplayNames('en', { type: 'region' });
const BY_NAME = new Map([
  ...COUNTRY_CODES.map((code): [string, string] => [(NAMES.of(code) ?? code).toUpperCase(), code]),
  ['USA', 'US'],
  ['UK', 'GB'],
]);

/** The code of a country's English name or code; what is neither stays as it is, for the rules to refuse. */
export function countryCode(text: string): string {
  const upper = text.trim().toUpperCase();
  return BY_NAME.get(upper) ?? upper;
}
