import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { csvLineFields } from '../domain/report.ts';
import { TB } from '../domain/sizes.ts';
import { tempDir } from '../testing/temp.ts';
import { readLabel } from '../volume/label.ts';
import { unload } from './unload.ts';

/** The kept volume of the second format, whose keys are those that a store may have and a directory may not. */
function keptVolume() {
  const dir = fileURLToPath(new URL('../volume/vectors/waybill-volume-2', import.meta.url));
  const { jobKey, caPem } = JSON.parse(readFileSync(join(dir, 'vector.json'), 'utf8'));
  const deviceDir = join(tempDir(), 'device');
  cpSync(join(dir, 'device'), deviceDir, { recursive: true });
  return { deviceDir, label: readLabel(deviceDir), jobKey: Buffer.from(jobKey, 'hex'), caPem };
}

const common = { sizeBytes: TB, overwrite: 'never' as const, agentVersion: 'test', workers: 0 };

test('what a directory cannot hold fails by name, and the rest is restored', async () => {
  const root = join(tempDir(), 'tree');
  const { summary, files } = await unload({
    ...keptVolume(),
    ...common,
    target: { kind: 'tree', root },
    stateDir: tempDir(),
    destinationName: root,
  });
  const failed = readFileSync(files['failure.csv'], 'utf8').trim().split('\r\n').slice(1);
  const reasons = Object.fromEntries(
    failed.map((line) => {
      const [key = '', , , , , reason] = csvLineFields(line);
      return [key, reason];
    }),
  );
  expect(reasons).toMatchObject({
    '/a': 'KeyRefused',
    '..': 'KeyRefused',
    'a/../b': 'KeyRefused',
    'a//b': 'KeyRefused',
    '%00': 'KeyRefused',
    'of a later kind': 'ObjectKindUnknown',
  });
  expect(summary.objects + summary.failed).toBe(22);
  expect(readFileSync(join(root, 'old'), 'utf8')).toBe('before 1970');
  const holes = readFileSync(join(root, 'holes'));
  expect(holes.length).toBe(3_000_028);
  expect(holes.subarray(14, -14).every((byte) => byte === 0)).toBe(true);
});
