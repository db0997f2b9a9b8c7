import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { repairVolume } from '../transfer/verify/repair.ts';
import { readSeal } from '../transfer/verify/seal.ts';
import { verifyVolume } from '../transfer/verify/verify.ts';
import { countedIn } from './index/live-records.ts';
import { readLabel } from './label.ts';
import { openVolume } from './open-volume.ts';

/**
 * Volumes that were written once and are kept. What this version reads of them, every later version has to: a change
 * of the format that breaks this test needs a new format name, and a vector of its own.
 */
const VECTORS = ['waybill-volume-1', 'waybill-volume-2'].map((name) => {
  const dir = fileURLToPath(new URL(`./vectors/${name}`, import.meta.url));
  const { jobKey, caPem, objects } = JSON.parse(readFileSync(join(dir, 'vector.json'), 'utf8'));
  return { name, dir, jobKey, caPem, objects };
});

describe.each(VECTORS)('the kept $name', ({ dir, jobKey, caPem, objects }) => {
  function vectorVolume() {
    const deviceDir = join(tempDir(), 'device');
    cpSync(join(dir, 'device'), deviceDir, { recursive: true });
    return { deviceDir, label: readLabel(deviceDir), jobKey: Buffer.from(jobKey, 'hex') };
  }

  test('is read as it was written', async () => {
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

  test('verifies', async () => {
    const done = await verifyVolume({ ...vectorVolume(), full: true, workers: 0 });
    expect(done).toMatchObject({ damaged: 0, problems: [], objects: objects.length });
  });

  test('is read by a stranger', () => {
    const script = fileURLToPath(new URL('../../e2e/stranger/read-volume.mjs', import.meta.url));
    const args = [script, join(dir, 'device')];
    const run = spawnSync(process.execPath, args, { input: jobKey, encoding: 'latin1' });
    expect(run.stderr).toBe('');
    const digests = run.stdout.match(/^\w{64}(?= )/gm) ?? [];
    const files = objects.filter(({ kind }: { kind: string }) => kind !== 'directory');
    for (const { sha256 } of files) expect(digests).toContain(sha256);
    expect(digests).toHaveLength(objects.length);
  });

  test('is restored by its parity', async () => {
    const spec = vectorVolume();
    const path = 'waybill/segments/000000/000002.seg';
    const lost = join(spec.deviceDir, path);
    rmSync(lost);
    await repairVolume({ ...spec, caPem, workers: 0 });
    expect(readFileSync(lost)).toEqual(readFileSync(join(dir, 'device', path)));
  });
});
