import type { VolumeLayout } from '../layout.ts';

/**
 * Modification times in records, as nanoseconds since 1970. The first format has 64 bits for them, which end in 2262; what a
 * file system holds beyond is said by the metadata, and the record has the nearest time, for readers that know no better.
 */

const NS = 1_000_000_000n;
const TIME_MAX = 2n ** 63n - 1n;
const TIME_MIN = -(2n ** 63n);
/** Where the nanoseconds of a split time lie in a record. */
export const NANOSECONDS_AT = 68;
const TIME_AT = 16;

/** The nearest time that 64 bits of nanoseconds can hold. */
export const nearestTime = (timeNs: bigint): bigint =>
  timeNs > TIME_MAX ? TIME_MAX : timeNs < TIME_MIN ? TIME_MIN : timeNs;

/** A time as whole seconds, rounded down, and the nanoseconds after them. */
export function splitTime(timeNs: bigint): { seconds: bigint; nanoseconds: number } {
  const part = timeNs % NS;
  const nanoseconds = part < 0n ? part + NS : part;
  return { seconds: (timeNs - nanoseconds) / NS, nanoseconds: Number(nanoseconds) };
}

/** The opposite of `splitTime`. */
export const joinTime = (seconds: bigint, nanoseconds: number): bigint =>
  seconds * NS + BigInt(nanoseconds);

/** Writes the time of the record that begins at an offset. */
export function writeTime(page: Buffer, timeNs: bigint, at: number, layout: VolumeLayout): void {
  if (!layout.timeIsSplit) {
    page.writeBigInt64BE(nearestTime(timeNs), at + TIME_AT);
    return;
  }
  const { seconds, nanoseconds } = splitTime(timeNs);
  page.writeBigInt64BE(seconds, at + TIME_AT);
  page.writeUInt32BE(nanoseconds, at + NANOSECONDS_AT);
}

/** The time of the record that begins at an offset, as it is there. */
export function timeAt(page: Buffer, at: number, { timeIsSplit }: VolumeLayout): bigint {
  const time = page.readBigInt64BE(at + TIME_AT);
  return timeIsSplit ? joinTime(time, page.readUInt32BE(at + NANOSECONDS_AT)) : time;
}

/** Whether the metadata may say better what a record's time is. */
export const isNearest = (timeNs: bigint, { timeIsSplit }: VolumeLayout): boolean =>
  !timeIsSplit && (timeNs === TIME_MAX || timeNs === TIME_MIN);

/** A record's metadata, with its time when the record has no room for that. */
export function metaWithTime(
  meta: Record<string, unknown> | undefined,
  timeNs: bigint,
  { timeIsSplit }: VolumeLayout,
): Record<string, unknown> | undefined {
  if (timeIsSplit || nearestTime(timeNs) === timeNs) return meta;
  const { seconds, nanoseconds } = splitTime(timeNs);
  const own = isObject(meta?.waybill) ? meta.waybill : {};
  const times = isObject(own.times) ? own.times : {};
  const modification = [String(seconds), nanoseconds];
  return { ...meta, waybill: { ...own, times: { ...times, modification } } };
}

/** What the metadata says of a record's time, as far as it is what it should be: it came from a device. */
export function timeOfMeta(meta: Record<string, unknown> | undefined): bigint | undefined {
  const own = isObject(meta?.waybill) ? meta.waybill : undefined;
  const times = isObject(own?.times) ? own.times : undefined;
  if (!Array.isArray(times?.modification)) return undefined;
  const [seconds, nanoseconds] = times.modification as unknown[];
  if (typeof seconds !== 'string' || !/^-?\d{1,19}$/.test(seconds)) return undefined;
  if (typeof nanoseconds !== 'number' || !Number.isInteger(nanoseconds)) return undefined;
  return nanoseconds >= 0 && nanoseconds < 1e9 ? joinTime(BigInt(seconds), nanoseconds) : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
