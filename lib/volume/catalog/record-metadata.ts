import type { ObjectRecord } from './records.ts';

/** What a record says of how its object was made. All of it lies below `waybill` in the record's metadata. */

/** The object of the source that another was made of, in the state in which it was read. */
export interface SourceState {
  /** UTF-8: other names are not processed. */
  key: string;
  bytes: number;
  mtimeNs: bigint;
  /** Hex. */
  sha256: string;
}

/** A step that an object came through: its name, version, and SHA-256 (hex) of its options or code. */
export interface StepTrace {
  step: string;
  version: number;
  digest: string;
}

/** What one step did with the object: position in the plan, objects and bytes in and out, failures, milliseconds. */
export type StepWork = [
  at: number,
  objectsIn: number,
  bytesIn: number,
  objectsOut: number,
  bytesOut: number,
  failures: number,
  ms: number,
];

export interface RecordMeta {
  source?: SourceState;
  steps?: StepTrace[];
  contentEncoding?: string;
  contentType?: string;
  /** A step failed, and this is the original. */
  kept?: { step: string; detail: string };
  /** It changed while it was read, and is what was read up to its size when it was opened. */
  changing?: true;
  /** On one object of those made of the same source. */
  work?: StepWork[];
  /** The line that the object has in a list of checksums, and the key of that. */
  listed?: { list: string; line: string };
  /** It is such a list, of so many lines: made of the volume, not of an object of the source. */
  lines?: number;
  /** Of an export: how its bytes were compared with those of the store (domain/proofs.ts). */
  proof?: string;
}

/** Metadata for a record. */
export function encodeMeta({ source, ...rest }: RecordMeta): Record<string, unknown> {
  const told = source && { source: { ...source, mtimeNs: String(source.mtimeNs) } };
  return { waybill: { ...told, ...rest } };
}

/** What a record says, as far as it is what it should be: it came from a device. */
export function readMeta({ meta }: ObjectRecord): RecordMeta | undefined {
  if (!meta || !isObject(meta.waybill)) return undefined;
  const { source, steps, contentEncoding, contentType, kept, work } = meta.waybill;
  const { listed, lines, proof, changing } = meta.waybill;
  const from = sourceOf(source);
  return {
    ...(from && { source: from }),
    ...(Array.isArray(steps) && { steps: steps.filter(isObject).map(traceOf) }),
    ...(isToken(contentEncoding) && { contentEncoding }),
    ...(isToken(contentType) && { contentType }),
    ...(isObject(kept) && { kept: { step: text(kept.step), detail: text(kept.detail) } }),
    ...(changing === true && { changing }),
    ...(Array.isArray(work) && { work: work.filter(isWork) }),
    ...(isObject(listed) && { listed: { list: text(listed.list), line: text(listed.line) } }),
    ...(typeof lines === 'number' && { lines }),
    ...(isToken(proof) && { proof }),
  };
}

function sourceOf(value: unknown): SourceState | undefined {
  if (!isObject(value)) return undefined;
  const { key, bytes, mtimeNs, sha256 } = value;
  if (typeof key !== 'string' || typeof bytes !== 'number' || !/^-?\d{1,29}$/.test(text(mtimeNs)))
    return undefined;
  return { key, bytes, mtimeNs: BigInt(text(mtimeNs)), sha256: text(sha256) };
}

const traceOf = ({ step, version, digest }: Record<string, unknown>): StepTrace => ({
  step: text(step),
  version: typeof version === 'number' ? version : 0,
  digest: text(digest),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What may stand in a header of HTTP. */
const isToken = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 200 && /^[\x20-\x7e]+$/.test(value);

const isWork = (value: unknown): value is StepWork =>
  Array.isArray(value) &&
  value.length === 7 &&
  value.every((n) => typeof n === 'number' && Number.isFinite(n) && n >= 0);

/** Over the longest key, escaped, with its digest. */
const TEXT_MAX = 9000;
const text = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, TEXT_MAX) : '';
