import { expect, test } from 'vitest';
import { operationOf, readJsonBody } from './json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a body without a byte has no members', () => {
  expect(readJsonBody(bytes(''))).toEqual({});
  expect(readJsonBody(bytes('{"A":1}'))).toEqual({ A: 1 });
});

test.each([
  ['half a body', bytes('{"A":')],
  ['a form', bytes('A=1')],
  ['two bodies', bytes('{}{}')],
  ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
])('refuses %s', (_, body) => {
  expect(() => readJsonBody(body)).toThrow(expect.objectContaining({ code: 'InputMalformed' }));
});

test('a target names an operation of its own service, and nothing behind it', () => {
  const prefix = 'AWSIESnowballJobManagementService';
  expect(operationOf(`${prefix}.ListJobs`, prefix)).toBe('ListJobs');
  expect(operationOf('OtherService.ListJobs', prefix)).toBeUndefined();
  expect(operationOf(`${prefix}.ListJobs.more`, prefix)).toBeUndefined();
});
