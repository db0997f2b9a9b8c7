import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../lib/testing/temp.ts';
import { listDock, sharedIds } from './dock.ts';

test('a dock lists folders alone, sorted', () => {
  const dock = tempDir();
  for (const name of ['b', 'a']) mkdirSync(join(dock, name));
  symlinkSync(join(dock, 'a'), join(dock, 'link'));
  writeFileSync(join(dock, 'file'), '');
  expect(listDock(dock)).toEqual({ devices: ['a', 'b'], isCut: false });
});

test('a dock that holds any number of things is looked at within bounds, and says so', () => {
  const dock = tempDir();
  for (let n = 0; n < 10_050; n += 1) writeFileSync(join(dock, `f${n}`), '');
  expect(listDock(dock).isCut).toBe(true);
});

test('a dock that is not there is told', () => {
  expect(() => listDock(join(tempDir(), 'none'))).toThrow(
    expect.objectContaining({ code: 'DeviceNotFound' }),
  );
});

test('devices that carry one id are found by any of their ids', () => {
  const labels = new Map([
    ['a', ['SB-1', 'v1']],
    ['b', ['SB-2', 'v2']],
    ['c', ['SB-1', 'v3']],
    ['blank', []],
  ]);
  expect([...sharedIds(labels)]).toEqual([['SB-1', ['a', 'c']]]);
});
