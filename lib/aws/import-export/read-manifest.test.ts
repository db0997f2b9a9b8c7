import { expect, test } from 'vitest';
import { readManifest } from './read-manifest.ts';

test('a manifest is read as people wrote it: without blanks, with a semicolon, the address not indented', () => {
  const text =
    '\ufeffmanifestVersion: 2.0;\r\ndeviceId:0042\nreturnAddress:\nname: Ada\ncity: Berlin\n';
  expect(readManifest(text)).toEqual({
    manifestVersion: '2.0',
    deviceId: '0042',
    returnAddress: { name: 'Ada', city: 'Berlin' },
  });
});

test.each([
  ['that is larger than any', `prefix: ${'x'.repeat(65_536)}`],
  ['that is a list', '- a\n- b'],
  ['that names a field twice', 'bucket: a\nbucket: b'],
  ['with an alias, which can grow without bounds', 'a: &x [1]\nb: *x'],
  ['that ends early', 'a: ['],
])('a manifest %s is refused', (_, text) => {
  expect(() => readManifest(text)).toThrow(
    expect.objectContaining({ code: 'DiskManifestMalformed' }),
  );
});
