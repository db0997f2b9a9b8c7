import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { TAR_END, type TarEntry, tarBytes, tarHeader, tarPadding } from './tar.ts';

const tar = (...args: string[]) => spawnSync('tar', args, { encoding: 'utf8' });

const fileOf = (path: string, bytes: number, changes: Partial<TarEntry> = {}): TarEntry => ({
  path: Buffer.from(path),
  kind: 'file',
  bytes,
  mode: 0o640,
  mtimeNs: 1_700_000_000n * NS,
  ...changes,
});
const NS = 1_000_000_000n;

/** Writes entries with bytes of their own, and lets the system's tar unpack them. */
function unpacked(entries: [TarEntry, string][]): string {
  const dir = tempDir();
  const pieces = entries.flatMap(([entry, text]) => {
    const all = [tarHeader(entry), Buffer.from(text), tarPadding(entry.bytes)];
    expect(Buffer.concat(all)).toHaveLength(tarBytes(entry));
    return all;
  });
  writeFileSync(join(dir, 'a.tar'), Buffer.concat([...pieces, TAR_END]));
  mkdirSync(join(dir, 'out'));
  const { status, stderr } = tar('xpf', join(dir, 'a.tar'), '-C', join(dir, 'out'));
  const warnings = stderr.split('\n').filter((line) => !line.includes('implausibly old'));
  expect({ status, warnings }).toEqual({ status: 0, warnings: [''] });
  return join(dir, 'out');
}

describe('the system’s tar reads', () => {
  test('plain files with mode and time', () => {
    const out = unpacked([
      [fileOf('waybill/label.json', 3), 'abc'],
      [fileOf('empty', 0), ''],
      [fileOf('block', 512, { mode: 0o400 }), 'x'.repeat(512)],
    ]);
    expect(readFileSync(join(out, 'waybill/label.json'), 'utf8')).toBe('abc');
    expect(statSync(join(out, 'empty')).size).toBe(0);
    expect(readFileSync(join(out, 'block'), 'utf8')).toBe('x'.repeat(512));
    expect(statSync(join(out, 'block'))).toMatchObject({
      mode: 0o100400,
      mtimeMs: 1_700_000_000_000,
    });
  });

  test('what only extended headers hold: names, times', () => {
    const long = `${'d'.repeat(90)}/${'f'.repeat(200)}`;
    const names = ['ünïcödé-日本語-😀', 'new\nline', long, `${'n'.repeat(99)}é`, '= and "'];
    const mtimeNs = 1_700_000_000_123_456_789n;
    const out = unpacked([
      ...names.map((name): [TarEntry, string] => [
        fileOf(name, Buffer.byteLength(name), { mtimeNs }),
        name,
      ]),
      [fileOf('old', 0, { mtimeNs: -5n * NS - 500_000_000n }), ''],
      [fileOf('empty-folder/ä', 0, { kind: 'directory', mode: 0o750 }), ''],
    ]);
    for (const name of names) {
      expect(readFileSync(join(out, name), 'utf8')).toBe(name);
      expect(statSync(join(out, name), { bigint: true }).mtimeNs).toBe(mtimeNs);
    }
    expect(statSync(join(out, 'old')).mtimeMs).toBe(-5500);
    expect(statSync(join(out, 'empty-folder/ä')).isDirectory()).toBe(true);
    expect(readdirSync(join(out, 'empty-folder/ä'))).toEqual([]);
  });

  test('sizes that eleven octal digits do not hold', () => {
    const dir = tempDir();
    const huge = fileOf('huge', 20 * 1024 ** 3);
    expect(tarBytes(huge)).toBe(huge.bytes + 3 * 512);
    writeFileSync(join(dir, 'a.tar'), tarHeader(huge));
    expect(tar('tvf', join(dir, 'a.tar')).stdout).toMatch(/ 21474836480 .* huge$/m);
  });
});

test('the same entry always gives the same bytes', () => {
  expect(tarHeader(fileOf('a', 1)).equals(tarHeader(fileOf('a', 1)))).toBe(true);
  expect(tarHeader(fileOf('a', 1))).toHaveLength(512);
});
