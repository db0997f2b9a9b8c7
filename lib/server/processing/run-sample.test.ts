import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProcessingRequest } from '../../api/schemas/processing-schemas.ts';
import { trySample } from './run-sample.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const AGENT = join(ROOT, 'dist/waybill.mjs');

beforeAll(() => {
  const built = spawnSync(process.execPath, ['--import', 'tsx', 'lib/launch/bundle-agent.ts'], {
    cwd: ROOT,
  });
  expect(built.status).toBe(0);
});

const attempt = (steps: ProcessingRequest['steps'], key: string, content: string | Buffer) =>
  trySample(AGENT, { processing: { steps }, key, content: Buffer.from(content) });

describe('a sample in the console', () => {
  test('shows what the steps make of it', async () => {
    const steps: ProcessingRequest['steps'] = [
      { step: 'redact', patterns: [{ pattern: '[a-z]+@example\\.org', replacement: '[mail]' }] },
    ];
    expect(await attempt(steps, 'log/a.txt', 'from ada@example.org\n')).toMatchObject({
      outcome: 'made',
      made: [{ key: 'log/a.redacted.txt', bytes: 12, preview: 'from [mail]\n' }],
      steps: [{ step: 'redact', objectsIn: 1, objectsOut: 1 }],
    });
    expect(await attempt([{ step: 'zstd' }], 'a.txt', 'text')).toMatchObject({
      made: [{ key: 'a.txt.zst', contentEncoding: 'zstd', preview: null }],
    });
  });

  test('says why it failed, and what unpacks to a disk full has failed', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    expect(await attempt([{ step: 'gunzip' }], 'bomb.gz', bomb)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('unpacks to more than 16.8 MB'),
    });
  });

  test('never runs code, and never leaves its folder', async () => {
    const code = 'export const handler = () => process.exit(1);';
    await expect(attempt([{ step: 'function', code }], 'a', '')).rejects.toMatchObject({
      code: 'ProcessingUnavailable',
    });
    await expect(attempt([{ step: 'gzip' }], '../../a', '')).rejects.toMatchObject({
      code: 'KeyRefused',
    });
  });
});
