import { WaybillError } from '../../domain/errors.ts';
import { TB } from '../../domain/sizes.ts';
import type { Option } from '../../domain/words.ts';

/** The devices of the Snowball API, and the option and size that stand for them here. */
interface DeviceType {
  type: string;
  capacity: string;
  option: Option;
  sizeBytes: number;
}

const row = (type: string, capacity: string, option: Option, tb: number): DeviceType => ({
  type,
  capacity,
  option,
  sizeBytes: tb * TB,
});

/**
 * Type and capacity name a device; the smallest size of the option that holds what such a device can hold
 * (100 and 98 TB: 80 usable; 42 TB: 39.5) is what the job gets. The first row of an option and size is how a
 * job is told that was made elsewhere.
 */
export const DEVICE_TYPES: readonly DeviceType[] = [
  row('STANDARD', 'T80', 'snowball', 80),
  row('STANDARD', 'T50', 'snowball', 50),
  row('EDGE', 'T80', 'snowball-edge', 80),
  row('EDGE', 'T50', 'snowball-edge', 50),
  row('EDGE', 'T100', 'snowball-edge', 80),
  row('EDGE_S', 'T98', 'snowball-edge', 80),
  row('EDGE_C', 'T42', 'snowball-edge', 50),
  row('EDGE_CG', 'T42', 'snowball-edge', 50),
];

const NO_PREFERENCE = 'NoPreference';

/** The option and size that a request asks for; its type's first row without a preference. Throws InputCombination. */
export function deviceOf(request: {
  SnowballType?: string | undefined;
  SnowballCapacityPreference?: string | undefined;
}): { option: Option; sizeBytes: number } {
  const { SnowballType: type = 'STANDARD', SnowballCapacityPreference: capacity = NO_PREFERENCE } =
    request;
  const found = DEVICE_TYPES.find(
    (device) =>
      device.type === type && (capacity === NO_PREFERENCE || device.capacity === capacity),
  );
  if (found) return { option: found.option, sizeBytes: found.sizeBytes };
  const known = DEVICE_TYPES.map((device) => `${device.type} ${device.capacity}`).join(', ');
  throw new WaybillError('InputCombination', {
    detail: `there is no device ${type} ${capacity}`,
    fix: `choose one of ${known}`,
  });
}

/** How a job's device is told: as it was asked for, while that still is what the job uses. */
export function typeOf(
  job: { option: Option; sizeBytes: number },
  asked: { SnowballType?: string; SnowballCapacityPreference?: string } | undefined,
): { SnowballType: string | undefined; SnowballCapacityPreference: string | undefined } {
  const matches = (device: { option: Option; sizeBytes: number }) =>
    device.option === job.option && device.sizeBytes === job.sizeBytes;
  if (asked && matches(deviceOf(asked))) {
    const { SnowballType = 'STANDARD', SnowballCapacityPreference } = asked;
    return { SnowballType, SnowballCapacityPreference };
  }
  const first = DEVICE_TYPES.find(matches);
  return { SnowballType: first?.type, SnowballCapacityPreference: first?.capacity };
}
