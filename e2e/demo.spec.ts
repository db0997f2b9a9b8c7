import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

/** The demo carries a transfer of each sort through its whole life, and ends with 0 only when every byte is proved. */
const SORTS: Record<string, string[]> = {
  'an import': [],
  'an export': ['--type', 'export'],
  'an import of a plain disk': ['--option', 'disk', '--no-encryption'],
};

let dir: string;

test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'waybill-demo-'));
});

test.afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

for (const [sort, more] of Object.entries(SORTS)) {
  test(`the demo proves ${sort}`, () => {
    const source = join(dir, 'source');
    mkdirSync(join(source, 'folder'), { recursive: true });
    for (const name of ['one', 'folder/two', 'folder/größer'])
      writeFileSync(join(source, name), name);
    const result = demo(['--source', source, ...more]);
    expect(result).toMatchObject({ exit: 0, state: 'completed', objects: 3, mismatches: 0 });
  });
}

test('the demo proves what was processed at the site', () => {
  const steps = ['--option', 'snowball-edge', '--process', 'agent/examples/everything.json'];
  expect(demo(steps)).toMatchObject({ exit: 0, state: 'completed', mismatches: 0 });
});

function demo(more: string[]): Record<string, unknown> {
  const args = ['run', '--silent', 'demo', '--', '--json', '--data', join(dir, 'data'), ...more];
  const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`the demo ended with ${status}: ${stderr}`);
  return { ...(JSON.parse(last) as Record<string, unknown>), exit: status };
}
