import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DeviceFiles } from '../../files/device.ts';
import { PAYLOAD_DIR } from '../bag/tags.ts';
import { VOLUME_DIR } from '../layout.ts';

const FILES_A_CALL = 200;

/** Number of the system call fadvise64, for programs that have no name for it. */
const FADVISE64: Record<string, number> = { x64: 221, arm64: 223 };

/**
 * Asks the host to forget what it holds in memory of a device's files, so that reading them reads the
 * medium: posix_fadvise(POSIX_FADV_DONTNEED), for which Node has no call. Perl, where it is, does all files in
 * one process; else `dd iflag=nocache` of coreutils does one at a time. Returns whether that was possible.
 */
export function dropFromCache(deviceDir: string): boolean {
  if (process.platform !== 'linux') return false;
  const files: string[] = [];
  const device = new DeviceFiles(deviceDir);
  for (const folder of [VOLUME_DIR, PAYLOAD_DIR])
    for (const { path, kind } of device.walk(folder))
      if (kind === 'file') files.push(join(deviceDir, path.toString()));
  return dropByPerl(files) || dropByDd(files);
}

function dropByPerl(files: string[]): boolean {
  const call = FADVISE64[process.arch];
  if (call === undefined) return false;
  const script = `chomp; open(F, "<", $_) && syscall(${call}, fileno(F), 0, 0, 4) == 0 or exit 1`;
  const input = files.map((file) => `${file}\0`).join('');
  const { status } = spawnSync('perl', ['-n0e', script], {
    input,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return status === 0;
}

function dropByDd(files: string[]): boolean {
  const script = 'for f do dd if="$f" iflag=nocache count=0 status=none || exit 1; done';
  for (let at = 0; at < files.length; at += FILES_A_CALL) {
    const batch = files.slice(at, at + FILES_A_CALL);
    const { status } = spawnSync('sh', ['-c', script, 'sh', ...batch], { stdio: 'ignore' });
    if (status !== 0) return false;
  }
  return true;
}
