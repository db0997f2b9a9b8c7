import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../lib/testing/temp.ts';
import { admin } from './admin.ts';

test('the exit code of the administration program is passed on', async () => {
  const program = join(tempDir(), 'waybill-admin.mjs');
  writeFileSync(program, 'process.exit(process.argv.length)');
  expect(await admin(['backup', '--to', 'x'], program)).toBe(5);
});

test('where there is no administration program, that is said', async () => {
  await expect(admin([], join(tempDir(), 'gone.mjs'))).rejects.toMatchObject({ code: 'Usage' });
});
