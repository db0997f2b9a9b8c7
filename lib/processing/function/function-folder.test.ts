import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tempDir } from '../../testing/temp.ts';
import { makeFunctionFolder, removeAbandoned } from './function-folder.ts';

const HOUR_MS = 3600 * 1000;

test('folders of processes that are gone are removed after a day, of those that run never', () => {
  vi.stubEnv('TMPDIR', tempDir());
  onTestFinished(() => void vi.unstubAllEnvs());
  const { pid } = spawnSync('true');
  const gone = mkdtempSync(join(tmpdir(), `waybill-function-${pid}-`));
  const other = mkdtempSync(join(tmpdir(), 'waybill-other-'));
  const own = makeFunctionFolder('export const handler = () => {};');
  expect(existsSync(gone)).toBe(true);
  removeAbandoned(Date.now() + 23 * HOUR_MS);
  expect(existsSync(gone)).toBe(true);
  removeAbandoned(Date.now() + 25 * HOUR_MS);
  expect([gone, own, other].map(existsSync)).toEqual([false, true, true]);
});
