import { ERRORS, type ErrorCode, WaybillError } from '../../domain/errors.ts';
import type { ProcessingResults } from '../../domain/processing-results.ts';
import { STEP_NAMES } from '../../domain/processing-steps.ts';
import { isWord } from '../../domain/words.ts';

/**
 * Facts of the load and the body of the seal are JSON Lines: a summary first, then a line a page (seal only),
 * then a line for each object that was left out or could not be read.
 */

/** An object of the source that is not on the volume. `key` is base64 of its bytes. */
export interface OmittedLine {
  omitted: string;
  code: ErrorCode;
  message: string;
}

/**
 * A page as the seal names it. Digests are SHA-256, hex: `page` of the page's file, `segment` as the page gives it.
 * `replaced` are positions, counted from 0, of the page's file and directory records that do not count, ascending.
 */
export interface PageLine {
  page: number;
  digest: string;
  segment: string;
  replaced?: number[];
}

/** Summary of a load that went through its whole source. Counts objects, sizes bytes, times ISO 8601. */
export interface LoadFacts {
  format: 'waybill-load/1';
  source: string;
  startedAt: string;
  finishedAt: string;
  /** Left out by rule (symbolic links). */
  skipped: number;
  /** Could not be read or named. */
  failed: number;
  agentVersion: string;
  /** What the processing steps were given and made, in all runs. */
  processing?: ProcessingResults;
}

export interface SealSummary {
  format: 'waybill-seal/1';
  jobId: string;
  deviceId: string;
  volumeId: string;
  objects: number;
  bytes: number;
  pages: number;
  sealedAt: string;
  load: LoadFacts;
  /** How often label and seal lie on the device; undefined of a volume of an earlier version. */
  copies?: number | undefined;
  /** Sets of recovery data that the volume has; undefined of a volume of an earlier version. */
  paritySets?: number | undefined;
}

const LINES_MAX = 5_000_000;
const STEPS_MAX = 16;

export function encodeLines(lines: Iterable<unknown>): Buffer {
  const pieces: string[] = [];
  for (const line of lines) pieces.push(JSON.stringify(line), '\n');
  return Buffer.from(pieces.join(''));
}

/** Parses JSON Lines of objects. Throws VolumeInvalid. */
export function decodeLines(content: Buffer): Record<string, unknown>[] {
  const lines = content.toString('utf8').split('\n', LINES_MAX + 1);
  if (lines.pop() !== '') throw invalid('is cut off');
  return lines.map((line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw invalid('is not JSON Lines');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalid('has a line that is no object');
    return value as Record<string, unknown>;
  });
}

/** The facts of a load. Throws VolumeInvalid. */
export function readLoadFacts(content: Buffer): { facts: LoadFacts; omitted: OmittedLine[] } {
  const [head, ...rest] = decodeLines(content);
  return { facts: loadFactsOf(head ?? {}), omitted: rest.map(omittedOf) };
}

/** The body of a seal. Throws VolumeInvalid. */
export function readSealLines(content: Buffer): {
  summary: SealSummary;
  pages: PageLine[];
  omitted: OmittedLine[];
} {
  const [head = {}, ...rest] = decodeLines(content);
  const summary: SealSummary = {
    format: head.format === 'waybill-seal/1' ? 'waybill-seal/1' : fail('has an unknown format'),
    jobId: text(head.jobId),
    deviceId: text(head.deviceId),
    volumeId: text(head.volumeId),
    objects: count(head.objects),
    bytes: count(head.bytes),
    pages: count(head.pages),
    sealedAt: text(head.sealedAt),
    load: loadFactsOf((head.load ?? {}) as Record<string, unknown>),
    copies: head.copies === undefined ? undefined : count(head.copies),
    paritySets: head.paritySets === undefined ? undefined : count(head.paritySets),
  };
  const pages = rest.slice(0, summary.pages).map((line) => ({
    page: count(line.page),
    digest: hex(line.digest),
    segment: hex(line.segment),
    ...(line.replaced === undefined ? {} : { replaced: positions(line.replaced) }),
  }));
  if (pages.length !== summary.pages) throw invalid('names fewer pages than it counts');
  if (pages.some((page, i) => i > 0 && page.page <= (pages[i - 1]?.page ?? 0)))
    throw invalid('names pages out of order');
  return { summary, pages, omitted: rest.slice(summary.pages).map(omittedOf) };
}

function loadFactsOf(head: Record<string, unknown>): LoadFacts {
  return {
    format: head.format === 'waybill-load/1' ? 'waybill-load/1' : fail('has an unknown format'),
    source: text(head.source),
    startedAt: text(head.startedAt),
    finishedAt: text(head.finishedAt),
    skipped: count(head.skipped),
    failed: count(head.failed),
    agentVersion: text(head.agentVersion),
    ...(head.processing === undefined ? {} : { processing: resultsOf(head.processing) }),
  };
}

function omittedOf(line: Record<string, unknown>): OmittedLine {
  const code = text(line.code);
  if (!Object.hasOwn(ERRORS, code)) throw invalid('names an unknown error');
  return { omitted: text(line.omitted), code: code as ErrorCode, message: text(line.message) };
}

function resultsOf(value: unknown): ProcessingResults {
  const from = members(value);
  const amount = (one: unknown) => {
    const { objects, bytes } = members(one);
    return { objects: count(objects), bytes: count(bytes) };
  };
  if (!Array.isArray(from.steps) || from.steps.length > STEPS_MAX) return fail('has wrong steps');
  return {
    inputs: amount(from.inputs),
    outputs: amount(from.outputs),
    kept: count(from.kept),
    steps: from.steps.map((one: unknown) => {
      const { step, objectsIn, bytesIn, objectsOut, bytesOut, failures, ms } = members(one);
      return {
        step: isWord(STEP_NAMES, step) ? step : fail('has an unknown step'),
        objectsIn: count(objectsIn),
        bytesIn: count(bytesIn),
        objectsOut: count(objectsOut),
        bytesOut: count(bytesOut),
        failures: count(failures),
        ms: count(ms),
      };
    }),
  };
}

function members(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  return fail('has a member that is no object');
}

const invalid = (detail: string): WaybillError =>
  new WaybillError('VolumeInvalid', { detail: `the seal or the load's facts: it ${detail}` });

function fail(detail: string): never {
  throw invalid(detail);
}

function text(value: unknown): string {
  return typeof value === 'string' && value.length <= 8192
    ? value
    : fail('has a text that is missing or too long');
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail('has a wrong number');
}

function positions(value: unknown): number[] {
  if (!Array.isArray(value)) return fail('has a list that is none');
  const found = value.map(count);
  if (found.some((position, i) => i > 0 && position <= (found[i - 1] ?? 0)))
    return fail('has a list out of order');
  return found;
}

function hex(value: unknown): string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? value
    : fail('has a wrong digest');
}
