import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp.ts';

/** File systems of other systems, by what makes them and what mounts them: the kernel, or a program through FUSE. */
const KINDS = {
  vfat: { make: ['mkfs.vfat'], mounts: [['mount', '-t', 'vfat', '-o', 'loop,utf8=1']] },
  exfat: {
    make: ['mkfs.exfat'],
    mounts: [['mount', '-t', 'exfat', '-o', 'loop']],
  },
  ntfs: { make: ['mkntfs', '-F', '-Q'], mounts: [['ntfs-3g', '-o', 'windows_names']] },
} as const;
export type ForeignKind = keyof typeof KINDS;

const BYTES = 64 * 1024 * 1024;

function mountOne(kind: ForeignKind, dir: string): string | undefined {
  const image = join(dir, 'image');
  const at = join(dir, 'disk');
  writeFileSync(image, '');
  truncateSync(image, BYTES);
  mkdirSync(at);
  const { make, mounts } = KINDS[kind];
  const [maker, ...options] = make;
  if (spawnSync(maker, [...options, image]).status !== 0) return undefined;
  const mounted = mounts.some(([program, ...args]) => {
    return spawnSync(program, [...args, image, at]).status === 0;
  });
  return mounted ? at : undefined;
}

/** A small disk with such a file system, until the test ends. */
export function foreignDisk(kind: ForeignKind): string {
  const at = mountOne(kind, tempDir());
  if (at === undefined) throw new Error(`no ${kind} could be made and mounted`);
  onTestFinished(() => {
    spawnSync('umount', [at]);
  });
  return at;
}

/** Whether this host has what makes and mounts them. */
export function canMakeForeign(kind: ForeignKind): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const isThere = (program: string) =>
    spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  const { make, mounts } = KINDS[kind];
  const byKernel = spawnSync('grep', ['-qw', kind, '/proc/filesystems']).status === 0;
  return (
    isThere(make[0]) &&
    mounts.some(([program]) => (program === 'mount' ? byKernel : isThere(program)))
  );
}
