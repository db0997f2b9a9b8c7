import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { repairVolume } from '../transfer/repair.ts';
import { readSeal } from '../transfer/seal.ts';
import { readLabel } from './label.ts';
import { openVolume } from './volume.ts';
import { countedIn } from './volume-index.ts';

/**
 * A volume that was written once and is kept. What this version reads of it, every later version has to: a change
 * of the format that breaks this test needs a new format name, and a vector of its own.
 */
const VECTOR = fileURLToPath(new URL('./vectors/waybill-volume-1', import.meta.url));
const { jobKey, caPem, objects } = JSON.parse(readFileSync(join(VECTOR, 'vector.json'), 'utf8'));

function vectorVolume() {
  const deviceDir = join(tempDir(), 'device');
  cpSync(join(VECTOR, 'device'), deviceDir, { recursive: true });
  return { deviceDir, label: readLabel(deviceDir), jobKey: Buffer.from(jobKey, 'hex') };
}

test('the volume of the first format is read as it was written', async () => {
  const spec = vectorVolume();
  const volume = openVolume(spec);
  const reader = volume.reader();
  const found = [];
  for (const { page, replaced } of readSeal({ ...spec, caPem }).pages) {
    for (const record of countedIn(volume.readPage(page), replaced)) {
      const sha256 = createHash('sha256');
      await reader.read(record, (chunk) => {
        sha256.update(chunk);
      });
      const { kind, bytes, mode, mtimeNs, crc32 } = record;
      const key = record.key.toString('base64');
      const facts = { key, kind, bytes, mode, mtimeNs: String(mtimeNs), crc32 };
      found.push({ ...facts, sha256: sha256.digest('hex') });
    }
  }
  reader.close();
  expect(found).toEqual(objects);
});

test('a stranger reads the same objects', () => {
  const script = fileURLToPath(new URL('../../e2e/stranger/read-volume.mjs', import.meta.url));
  const args = [script, join(VECTOR, 'device')];
  const run = spawnSync(process.execPath, args, { input: jobKey, encoding: 'latin1' });
  const digests = run.stdout.match(/^\w{64}(?= )/gm) ?? [];
  const files = objects.filter(({ kind }: { kind: string }) => kind === 'file');
  for (const { sha256 } of files) expect(digests).toContain(sha256);
});

test('its parity still restores it', async () => {
  const spec = vectorVolume();
  const lost = join(spec.deviceDir, 'waybill/segments/000000/000002.seg');
  rmSync(lost);
  await repairVolume({ ...spec, caPem, workers: 0 });
  expect(readFileSync(lost)).toEqual(
    readFileSync(join(VECTOR, 'device/waybill/segments/000000/000002.seg')),
  );
});
