import { COUNTRY_CODES } from '../../lib/domain/countries.ts';
import { isWord } from '../../lib/domain/words.ts';

const names = new Intl.DisplayNames('en', { type: 'region' });

/** The English name of a country's code. */
export const countryName = (code: string): string =>
  isWord(COUNTRY_CODES, code) ? (names.of(code) ?? code) : code;
