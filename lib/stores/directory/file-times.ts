import { fstatSync, futimesSync } from 'node:fs';

/**
 * The modification time of a file that is being written, to the microsecond: Node's calls take seconds as a double, and
 * cut them there.
 */

/** Well over what any file system holds; the system call takes whole seconds of 64 bits. */
const SECONDS_MAX = 2 ** 62;
const NS = 1_000_000_000n;
/** Coarsest clock of a file system that is in use: FAT has a time every two seconds. */
const CLOCK_NS = 2n * NS;

/** Gives an open file its time. Returns what to say when its file system has no such time, and took another. */
export function setFileTime(fd: number, timeNs: bigint): string | undefined {
  const time = secondsOf(timeNs);
  futimesSync(fd, time, time);
  if (isCommon(timeNs)) return undefined;
  return lostTime(timeNs, fstatSync(fd, { bigint: true }).mtimeNs);
}

/** What to say of a file that was to have one time and has another; nothing of what a coarse clock makes of it. */
export function lostTime(timeNs: bigint, gotNs: bigint): string | undefined {
  const apart = gotNs > timeNs ? gotNs - timeNs : timeNs - gotNs;
  if (apart <= CLOCK_NS) return undefined;
  return `its time is ${gotNs / NS} s after 1970 instead of ${timeNs / NS}, which the file system has no place for`;
}

/**
 * Half a microsecond further from 1970, so that what the system cuts off a double leaves the microsecond right. Times
 * before 1970 as text, because Node takes a negative number for "now".
 */
function secondsOf(timeNs: bigint): number | string {
  const micros = timeNs / 1000n - (timeNs < 0n && timeNs % 1000n !== 0n ? 1n : 0n);
  const seconds = (Number(micros) + (micros < 0n ? -0.5 : 0.5)) / 1e6;
  const possible = Math.max(-SECONDS_MAX, Math.min(SECONDS_MAX, seconds));
  return possible < 0 ? String(possible) : possible;
}

/** Every file system has the years from 1980 to 2038. */
const isCommon = (timeNs: bigint): boolean =>
  timeNs >= 315_619_200n * NS && timeNs < 2_147_483_647n * NS;
