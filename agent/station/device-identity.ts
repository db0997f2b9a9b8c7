import { statSync } from 'node:fs';
import { WaybillError } from '../../lib/domain/errors.ts';
import { errnoOf } from '../../lib/files/errno.ts';

/** Which file system is mounted at a device's path, or which folder stands for it. Holds while the host runs. */
export interface DeviceIdentity {
  dev: bigint;
  ino: bigint;
}

/** Throws DeviceNotFound. */
export function identityOf(deviceDir: string): DeviceIdentity {
  try {
    const { dev, ino } = statSync(deviceDir, { bigint: true });
    return { dev, ino };
  } catch (error) {
    const detail = errnoOf(error) ?? 'unreadable';
    throw new WaybillError('DeviceNotFound', { path: deviceDir, detail });
  }
}

/** Holds that the device was not exchanged since its identity was taken. Throws DeviceSwapped, DeviceNotFound. */
export function requireSameDevice(deviceDir: string, identity: DeviceIdentity): void {
  const { dev, ino } = identityOf(deviceDir);
  if (dev !== identity.dev || ino !== identity.ino)
    throw new WaybillError('DeviceSwapped', { path: deviceDir });
}
