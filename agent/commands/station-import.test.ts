import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { facility, importOnItsWay } from '../../lib/testing/facility-world.ts';
import { errnoError, type FsCall, withFaults } from '../../lib/testing/torture/fault-fs.ts';
import { importFrom } from '../station/import.ts';
import { receive } from '../station/receive.ts';
import { importResult } from './station.ts';

test('an import says what of the device it has read and could not put right', async () => {
  const at = await facility();
  const { jobId, deviceDir } = await importOnItsWay(at);
  await receive(at.station, jobId, deviceDir);
  const segment = join(deviceDir, 'waybill/segments/000000/000001.seg');
  const bytes = readFileSync(segment);
  bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
  writeFileSync(segment, bytes);
  const copy = join(deviceDir, 'waybill/copy-1');
  appendFileSync(join(copy, 'seal.bin'), 'x');
  const before = (call: FsCall) => {
    if (call.name === 'rename' && call.to?.startsWith(copy)) throw errnoError('EROFS', call);
    return undefined;
  };
  const done = await withFaults([deviceDir], { before }, () =>
    importFrom(at.station, jobId, deviceDir),
  );
  const { facts, lines } = importResult(done, false);
  expect(facts.failed).toBeGreaterThan(0);
  expect(facts.unrepaired).toMatch(/cannot be written/);
  expect(lines).toContain(`the device was left as it is: ${facts.unrepaired}`);
});
