import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FILES_A_CALL = 200;

/**
 * Asks the host to forget what it holds in memory of a device's files, so that reading them reads the
 * medium: posix_fadvise(POSIX_FADV_DONTNEED), through `dd iflag=nocache` of coreutils because Node has no
 * call for it. Returns whether that was possible.
 */
export function dropFromCache(deviceDir: string): boolean {
  if (process.platform !== 'linux') return false;
  const files = readdirSync(deviceDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const script = 'for f do dd if="$f" iflag=nocache count=0 status=none || exit 1; done';
  for (let at = 0; at < files.length; at += FILES_A_CALL) {
    const batch = files.slice(at, at + FILES_A_CALL);
    const { status } = spawnSync('sh', ['-c', script, 'sh', ...batch], { stdio: 'ignore' });
    if (status !== 0) return false;
  }
  return true;
}
