import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp.ts';

const losetup = (...args: string[]) => spawnSync('losetup', args, { encoding: 'utf8' });

/** Why tests can have no block device of their own here; undefined when they can (root on Linux). */
export function loopMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may make them';
  return losetup('--find').status === 0 ? undefined : 'losetup finds none';
}

/** A block device that shows a file, until the test ends. */
export function loopDevice(file: string): { path: string; resize(bytes: number): void } {
  const { stdout, status, stderr } = losetup('--find', '--show', file);
  if (status !== 0) throw new Error(stderr);
  const path = stdout.trim();
  onTestFinished(() => {
    losetup('--detach', path);
  });
  return {
    path,
    resize: (bytes) => {
      truncateSync(file, bytes);
      losetup('--set-capacity', path);
    },
  };
}

/** Writes bytes into a device, as a program does that has it open. */
export function writeInto(path: string, bytes: Uint8Array, at: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}

/** Mounts a device at an empty directory, after making a file system on it, until the test ends or `unmount`. */
export function mounted(path: string, dir = tempDir()): { unmount(): void } {
  const made = spawnSync('mkfs.ext4', ['-q', '-F', path]);
  const mount = spawnSync('mount', [path, dir]);
  if (made.status !== 0 || mount.status !== 0) throw new Error(`${made.stderr}${mount.stderr}`);
  const unmount = () => spawnSync('umount', [dir]);
  onTestFinished(() => {
    unmount();
    rmSync(dir, { recursive: true, force: true });
  });
  return { unmount };
}
