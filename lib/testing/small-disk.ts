import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';

const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;

/** Whether this host lets tests mount a file system of their own (root on Linux). */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && probe();

function probe(): boolean {
  const dir = `/tmp/waybill-mount-probe-${process.pid}`;
  mkdirSync(dir, { recursive: true });
  const works = mount('-t', 'tmpfs', '-o', 'size=1m', 'none', dir);
  if (works) spawnSync('umount', [dir]);
  spawnSync('rmdir', [dir]);
  return works;
}

/** A disk of so many MiB at an empty directory, taken away when the test ends. */
export function smallDisk(dir: string, mebibytes: number): { remount(options: string): void } {
  mkdirSync(dir, { recursive: true });
  mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'none', dir);
  onTestFinished(() => {
    spawnSync('umount', [dir]);
  });
  return { remount: (options) => void mount('-o', `remount,${options}`, dir) };
}

/** A folder that is mounted elsewhere, as a network file system is, until the test ends. Mounted at first. */
export function mountedFolder(
  folder: string,
  at: string,
): { mount(): void; unmount(): void; remount(options: string): void } {
  const unmount = () => void spawnSync('umount', ['--lazy', at]);
  const bind = () => void mount('--bind', folder, at);
  bind();
  onTestFinished(unmount);
  return {
    mount: bind,
    unmount,
    remount: (options) => void mount('-o', `remount,bind,${options}`, at),
  };
}
