import { describe, expect, test } from 'vitest';
import {
  type Address,
  addressLines,
  addressProblems,
  COUNTRY_RULES,
  checkAddress,
} from './addresses.ts';
import { COUNTRY_CODES, type CountryCode } from './countries.ts';

const good: Address = {
  name: 'Ada Example',
  company: '',
  street1: 'Main St 1',
  street2: '',
  street3: '',
  city: 'Berlin',
  stateOrProvince: '',
  prefectureOrDistrict: '',
  landmark: '',
  country: 'DE',
  postalCode: '10115',
  phoneNumber: '+49 30 1234567',
  isRestricted: false,
  type: 'delivery',
};
const fieldsOf = (change: Partial<Address>) =>
  addressProblems({ ...good, ...change }).map(({ field }) => field);

describe('an address', () => {
  test('that can be shipped to has no problems', () => {
    expect(addressProblems(good)).toEqual([]);
    expect(addressProblems({ ...good, country: 'AE', postalCode: '' })).toEqual([]);
  });

  test.each<[Partial<Address>, string[]]>([
    [{ name: ' ' }, ['name']],
    [{ street1: 'P.O. Box 12' }, ['street1']],
    [{ street2: 'Postfach 12' }, ['street2']],
    [{ city: 'Ber\nlin' }, ['city']],
    [{ name: 'x\u202ey' }, ['name']],
    [{ landmark: 'x'.repeat(101) }, ['landmark']],
    [{ country: 'XX' }, ['country']],
    [{ phoneNumber: 'call me' }, ['phoneNumber']],
    [{ phoneNumber: '()().-/' }, ['phoneNumber']],
    [{ postalCode: '1011' }, ['postalCode']],
    [{ country: 'US', postalCode: '98101' }, ['stateOrProvince']],
    [{ street1: '', city: '', phoneNumber: '' }, ['street1', 'city', 'phoneNumber']],
  ])('with %j is refused for exactly that', (change, fields) => {
    expect(fieldsOf(change)).toEqual(fields);
    expect(() => checkAddress({ ...good, ...change })).toThrow(
      expect.objectContaining({ code: 'AddressInvalid', facts: expect.anything() }),
    );
  });

  test('has a street that only looks like a post box', () => {
    expect(fieldsOf({ street1: 'Boxhagener Straße 5' })).toEqual([]);
    expect(fieldsOf({ street1: '12 Poplar Boxwood Lane' })).toEqual([]);
  });

  test('is printed without its empty lines', () => {
    expect(addressLines(good)).toEqual([
      ...['Ada Example', 'Main St 1', '10115 Berlin', 'DE', '+49 30 1234567'],
    ]);
  });
});

test('the example of every country follows its own rule', () => {
  for (const [country, rule] of Object.entries(COUNTRY_RULES)) {
    expect(COUNTRY_CODES).toContain(country as CountryCode);
    expect(rule.example).toMatch(rule.postalCode);
  }
  expect(new Set(COUNTRY_CODES).size).toBe(COUNTRY_CODES.length);
});
