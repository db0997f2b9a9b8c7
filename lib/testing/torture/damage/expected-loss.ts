import type { ObjectRecord } from '../../../volume/catalog/records.ts';
import {
  HEADER_BYTES,
  SEALED_FRAME_BYTES,
  segmentPath,
  TAG_BYTES,
} from '../../../volume/layout.ts';
import type { Change } from './kinds.ts';
import type { Victim } from './victim-volume.ts';

/** What a damage must cost, worked out from the catalog alone. */
export interface Expectation {
  /** Objects that touch the damage: key → what the failure log must say. */
  hit: Map<string, RegExp>;
  /** Pages that are gone, and the objects of them, which nobody can name. */
  pages: number[];
  lost: Set<string>;
}

export function expect(victim: Victim, change: Change): Expectation {
  const found: Expectation = { hit: new Map(), pages: [], lost: new Set() };
  for (const [path, content] of change.files) {
    const before = victim.files.get(path);
    // Strays cost nothing, nor does what lies behind a page's end.
    if (!before || content?.subarray(0, before.length).equals(before)) continue;
    const page = /^waybill\/catalog\/(\d{6})\.cat$/.exec(path)?.[1];
    if (page) found.pages.push(Number(page));
  }
  for (const page of found.pages) {
    for (const record of victim.pages.get(page) ?? []) found.lost.add(keyOf(record));
  }
  for (const record of [...victim.pages.values()].flat()) {
    if (found.lost.has(keyOf(record))) continue;
    const says =
      victim.kind === 'bag' ? bagHit(victim, record, change) : hitBy(victim, record, change);
    if (says) found.hit.set(keyOf(record), says);
  }
  return found;
}

/** As `snapshot` names it: keys of the victim are text. */
const keyOf = (record: ObjectRecord): string => record.key.toString();

const sameBytes = (a: Buffer | undefined, b: Buffer | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.equals(b);

/** The first damaged frame on an object's way through its extents. */
function hitBy(victim: Victim, record: ObjectRecord, change: Change): RegExp | undefined {
  for (const { segment, offset, length } of record.extents) {
    const path = segmentPath(segment);
    if (!change.files.has(path)) continue;
    const before = victim.files.get(path);
    // Its page says how long a segment is.
    const after = change.files.get(path)?.subarray(0, before?.length);
    if (!before || sameBytes(before, after)) continue;
    if (victim.earlier.get(path) && sameBytes(victim.earlier.get(path), change.files.get(path))) {
      return /the bytes are not what they should be|lies behind the end of segment/;
    }
    const first = Math.floor(offset / 2 ** 20);
    const last = Math.floor((offset + length - 1) / 2 ** 20);
    for (let frame = first; frame <= last; frame += 1) {
      const says = frameDamage(before, after, segment, frame);
      if (says) return says;
    }
  }
  return undefined;
}

function frameDamage(
  before: Buffer,
  after: Buffer | undefined,
  segment: number,
  frame: number,
): RegExp | undefined {
  if (!after) return new RegExp(`segment ${segment} is missing`);
  const frames = (file: Buffer) => Math.ceil((file.length - HEADER_BYTES) / SEALED_FRAME_BYTES);
  const body = after.length - HEADER_BYTES;
  const tail = body - (frames(after) - 1) * SEALED_FRAME_BYTES;
  if (body < TAG_BYTES || tail < TAG_BYTES)
    return new RegExp(`segment ${segment} has a wrong size`);
  if (!before.subarray(0, 32).equals(after.subarray(0, 32)))
    return new RegExp(`segment ${segment} does not begin with its header`);
  const at = HEADER_BYTES + frame * SEALED_FRAME_BYTES;
  const bytes = (file: Buffer) => file.subarray(at, at + SEALED_FRAME_BYTES);
  const isLast = (file: Buffer) => frame === frames(file) - 1;
  const whole =
    bytes(before).equals(bytes(after)) &&
    isLast(before) === isLast(after) &&
    before.subarray(32, 64).equals(after.subarray(32, 64));
  return whole ? undefined : new RegExp(`segment ${segment} is damaged at offset ${at}`);
}

function bagHit(victim: Victim, record: ObjectRecord, change: Change): RegExp | undefined {
  const path = `data/${record.key}`;
  if (record.kind !== 'file' || !change.files.has(path)) return undefined;
  const before = victim.files.get(path);
  const after = change.files.get(path);
  if (!after) return change.lies ? /./ : /PayloadDamaged,the device holds nothing/;
  if (after.length < record.bytes) return /bytes instead of/;
  // What was put behind an object's end is not read.
  const same = before?.equals(after.subarray(0, record.bytes));
  return same ? undefined : /the bytes are not what they should be/;
}
