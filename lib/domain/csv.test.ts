import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecord } from './csv.ts';

/** Reads one line of CSV as a spreadsheet does. */
function read(line: string): string[] {
  const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)];
  return fields.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '');
}

test('no text is a formula to a spreadsheet, and none is lost', () => {
  const nasty = fc.constantFrom(...'=+-@\t\r\n",\' '.split(''), '=cmd|"/c calc"!A1', 'ä', '1');
  const text = fc.array(nasty, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (value) => {
      const line = csvRecord(['first', value]);
      expect(line.endsWith('\r\n')).toBe(true);
      const back = read(line.slice(0, -2))[1] ?? '';
      expect(back === value || back === `'${value}`).toBe(true);
      expect(back.trimStart()).not.toMatch(/^[=+\-@]/);
    }),
  );
  expect(csvRecord([-5, null, undefined, '-5'])).toBe("-5,,,'-5\r\n");
});
