import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { writeState } from '../host/context.ts';
import { identityOf } from './device-identity.ts';

/** In the state of a job: which device this host works on for it. */
const FILE = 'device.json';

/** Keeps which device a job's work is done with, so that no other one is erased in its place. */
export function keepWorkedOn(dir: string, deviceDir: string): void {
  const { dev, ino } = identityOf(deviceDir);
  writeState(dir, FILE, Buffer.from(`${JSON.stringify({ dev: `${dev}`, ino: `${ino}` })}\n`));
}

/**
 * Whether a device is the one that this host worked on: `unknown` where it was another host, or it was mounted anew.
 * Throws DeviceSwapped when it is another one for sure: another folder of the same file system.
 */
export function requireWorkedOn(dir: string, deviceDir: string): 'same' | 'unknown' {
  const { dev, ino } = identityOf(deviceDir);
  const kept = readKept(dir);
  if (kept?.dev !== `${dev}`) return 'unknown';
  if (kept.ino !== `${ino}`) throw new WaybillError('DeviceSwapped', { path: deviceDir });
  return 'same';
}

function readKept(dir: string): { dev: string; ino: string } | undefined {
  try {
    const { dev, ino } = JSON.parse(readFileSync(join(dir, FILE), 'utf8'));
    return { dev: String(dev), ino: String(ino) };
  } catch {
    return undefined;
  }
}
