import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkPlan } from '../../lib/domain/processing.ts';
import { runProgram } from '../../lib/testing/command-host.ts';
import { manifestFiles } from '../../lib/testing/manifest-files.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';

test('a manifest alone never runs a step: the host says so, in whole or by a policy', async () => {
  const world = await volumeWorld();
  writeFileSync(join(world.source, 'a.txt'), 'text');
  const code = `export const handler = async (event, { s3 }) =>
    s3.putObject({ Key: event.Records[0].s3.object.key + '.seen', Body: 'seen' });`;
  const steps = [{ step: 'function', code }, { step: 'gzip' }];
  const processing = checkPlan({ steps });
  const { manifest, codeFile } = await manifestFiles(world, { processing });
  const argv = ['copy', world.source, '--device', world.deviceDir, '--manifest', manifest];
  const copy = (...more: string[]) =>
    runProgram([
      ...argv,
      ...['--unlock-code-file', codeFile, '--state', join(world.dir, 'agent'), '--workers', '0'],
      ...['--json', ...more],
    ]);
  const refused = await copy();
  expect(refused.last).toMatchObject({ code: 'ProcessingNotAllowed', exit: 3 });
  const digest = /code sha256 ([0-9a-f]{64})/.exec(String(refused.last.message))?.[1] ?? '';
  const policy = join(world.dir, 'policy.json');
  const write = (value: unknown) => writeFileSync(policy, JSON.stringify(value));
  write({ steps: ['gzip'], functions: [{ sha256: '0'.repeat(64) }] });
  expect((await copy('--policy', policy)).last.next).toContain('does not name the code');
  write({ steps: ['gzip'], functions: [{ sha256: digest, memoryMB: 128 }] });
  expect((await copy('--policy', policy)).last.next).toContain('memoryMB is 256, over 128');
  expect(existsSync(join(world.deviceDir, 'waybill/catalog'))).toBe(false);
  write({ steps: ['gzip'], functions: [{ sha256: digest }] });
  expect((await copy('--policy', policy)).last).toMatchObject({ type: 'result', objects: 1 });
  const { summary, provenance } = await world.unload();
  expect(gunzipSync(readFileSync(join(world.bucketDir, 'a.txt.seen.gz'))).toString()).toBe('seen');
  expect(summary.processing?.steps).toMatchObject([{ objectsOut: 1 }, { objectsOut: 1 }]);
  expect(JSON.parse(readFileSync(provenance ?? '', 'utf8'))).toMatchObject({
    key: 'a.txt.seen.gz',
    contentEncoding: 'gzip',
    source: { key: 'a.txt', bytes: 4 },
    steps: [{ step: 'function', digest }, { step: 'gzip' }],
  });
});
