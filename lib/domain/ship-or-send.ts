import { OPTION_RULES, planJobs } from './options.ts';
import type { Option } from './words.ts';

const DAY_SECONDS = 86_400;
/** One megabit per second is 125 × 1000 bytes per second. */
const BYTES_OF_MBIT = 125 * 1000;
/** What a copy reads, encrypts and writes per second, bytes: a disk's pace, below what the agent reaches. */
export const DEVICE_BYTES_PER_SECOND = 200_000_000;

/** What the calculation is about. */
export interface Move {
  bytes: number;
  option: Option;
  /** Speed of the line, megabits per second. */
  mbitPerSecond: number;
  /** Share of the line that the transfer may use, 0 to 1. */
  utilisation: number;
  /** Days that a parcel travels one way. */
  shippingDays: number;
}

/** Days by network: bytes / (Mb/s × 125 × 1000 × utilisation × 86,400), the formula of AWS's Import/Export FAQ. */
export function daysByNetwork({
  bytes,
  mbitPerSecond,
  utilisation,
}: Pick<Move, 'bytes' | 'mbitPerSecond' | 'utilisation'>): number {
  return bytes / (mbitPerSecond * BYTES_OF_MBIT * utilisation * DAY_SECONDS);
}

/**
 * Days by device: the parcel's ways, then loading and unloading. Several devices travel and are worked on side
 * by side, so the fullest one counts.
 */
export function daysByDevice({ bytes, option, shippingDays }: Move): number {
  const { jobs } = planJobs(option, bytes);
  const ways = OPTION_RULES[option].deviceShipsFirst ? 2 : 1;
  const once = bytes / jobs / (DEVICE_BYTES_PER_SECOND * DAY_SECONDS);
  return ways * shippingDays + 2 * once;
}

export interface Comparison {
  network: number;
  device: number;
  devices: number;
  /** What is done sooner. */
  better: 'network' | 'device';
}

/** Both ways beside each other, days. */
export function compareWays(move: Move): Comparison {
  const network = daysByNetwork(move);
  const device = daysByDevice(move);
  const { jobs: devices } = planJobs(move.option, move.bytes);
  return { network, device, devices, better: network <= device ? 'network' : 'device' };
}

/** What decides between the options. */
export interface Need {
  /** Has a disk of its own, or would rather buy one. */
  ownDisk: boolean;
  /** Data has to be processed before it comes back. */
  processing: boolean;
  /** The destination is an archive or a disk image. */
  archiveOrImage: boolean;
}

/** The option that fits, and why. */
export function adviseOption({ ownDisk, processing, archiveOrImage }: Need): {
  option: Option;
  why: string;
} {
  if (processing) {
    return { option: 'snowball-edge', why: 'only Snowball Edge processes data at the edge' };
  }
  if (archiveOrImage) {
    return { option: 'disk', why: 'only disks are imported into archives and images' };
  }
  return ownDisk
    ? { option: 'disk', why: 'your own disk travels; no device has to be sent to you first' }
    : { option: 'snowball', why: 'a device comes to you, always encrypted' };
}
