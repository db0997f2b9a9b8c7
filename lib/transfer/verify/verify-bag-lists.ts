import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { isWaybillError } from '../../domain/errors.ts';
import { printableKey } from '../../domain/report.ts';
import { MiB } from '../../domain/sizes.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { DeviceFiles } from '../../files/device.ts';
import { onDevice } from '../../files/durable.ts';
import { PAYLOAD_DIR, parseManifestLine } from '../../volume/bag/tags.ts';
import { KeyTable } from '../../volume/index/key-table.ts';

/** The lists of a bag that Waybill does not write, and that a validator of BagIt reads all the same. */

/** What the catalog says of the payload. */
export interface Payload {
  /** Keys of its files. */
  files: KeyTable;
  /** Of all of them together. */
  bytes: number;
}

interface Bag {
  device: DeviceFiles;
  payload: Payload;
  signal: AbortSignal | undefined;
}

/** Hexadecimal digits of the digests that can be computed here; of others the names alone are compared. */
const DIGITS = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha512', 128],
]);

const FETCH = 'fetch.txt';
const WAYBILLS = /^(tag)?manifest-sha256\.txt$/i;
const OTHERS = /^(tag)?manifest-([a-z0-9-]{1,20})\.txt$/i;
const LINE_BYTES_MAX = 64 * 1024;
const NAMED_MAX = 20;
const DIGEST_PIECE = MiB;

/**
 * Checks `fetch.txt` and the manifests of other algorithms as RFC 8493 says: what is to be fetched has to be there; every
 * payload manifest lists just the files of the payload, and the digests hold. Returns what is wrong, in sentences.
 */
export async function checkOtherLists(bag: Bag): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of bag.device.entries(undefined)) {
    const text = name.toString('latin1');
    if (text === FETCH || (OTHERS.test(text) && !WAYBILLS.test(text))) names.push(text);
    if (names.length > NAMED_MAX) break;
  }
  const details: string[] = [];
  for (const name of names.sort()) {
    const found: string[] = [];
    for await (const detail of name === FETCH ? fetchProblems(bag) : listProblems(bag, name)) {
      found.push(detail);
      if (found.length === NAMED_MAX) break;
    }
    details.push(...found);
  }
  return details;
}

/** §2.2.3: a file that is to be fetched and is not there makes a bag incomplete. */
async function* fetchProblems({ device, payload }: Bag): AsyncGenerator<string> {
  for (const line of linesOf(device, FETCH)) {
    const [, length, encoded] = (line && /^\S+[ \t]+(\d+|-)[ \t]+(\S.*)$/.exec(line)) || [];
    const path = encoded && parseManifestLine(`${'0'.repeat(64)}  ${encoded}`)?.path;
    if (path === undefined || path === '') {
      yield `${FETCH} has a line that is none`;
      continue;
    }
    const shown = printableKey(Buffer.from(path));
    const bytes = sizeOf(device, path);
    if (bytes === undefined) yield `${FETCH} names ${shown}, which is not there`;
    else if (!payload.files.has(keyOf(path)))
      yield `${FETCH} names ${shown}, which is no file of the payload`;
    else if (length !== '-' && Number(length) !== bytes)
      yield `${FETCH} says that ${shown} has ${length} bytes; it has ${bytes}`;
  }
}

async function* listProblems(bag: Bag, name: string): AsyncGenerator<string> {
  const [, tag, word = ''] = OTHERS.exec(name) ?? [];
  const algorithm = word.toLowerCase().replaceAll('-', '');
  const digits = DIGITS.get(algorithm);
  const { device, payload } = bag;
  const seen = new KeyTable();
  for (const line of linesOf(device, name)) {
    const parsed = line === undefined ? undefined : parseManifestLine(line, digits ?? 'any');
    if (!parsed) {
      yield `${name} has a line that is none`;
      continue;
    }
    const { path, digest } = parsed;
    const shown = printableKey(Buffer.from(path));
    if (tag === undefined && !payload.files.has(keyOf(path))) {
      yield `${name} names ${shown}, which is no file of the payload`;
      continue;
    }
    if (!seen.add(Buffer.from(path))) yield `${name} names ${shown} twice`;
    const found = await digestOf(bag, path, digits === undefined ? undefined : algorithm);
    if (found === undefined) yield `${name} names ${shown}, which is not there or too large`;
    else if (digits !== undefined && found !== digest) yield `${shown} is not what ${name} says`;
  }
  if (tag === undefined && seen.size < payload.files.size)
    yield `${name} names ${seen.size} of the ${payload.files.size} files of the payload`;
}

/** A path outside of the payload is the key of nothing. */
const keyOf = (path: string): Buffer =>
  path.startsWith(`${PAYLOAD_DIR}/`)
    ? Buffer.from(path.slice(PAYLOAD_DIR.length + 1))
    : Buffer.alloc(0);

/** Size of a regular file of the device; undefined when there is none, or the path leads elsewhere. */
function sizeOf(device: DeviceFiles, path: string): number | undefined {
  try {
    const entry = device.entry(path);
    return entry?.kind === 'file' ? entry.bytes : undefined;
  } catch (error) {
    if (isWaybillError(error, 'DeviceIo', 'DeviceHostile')) return undefined;
    throw error;
  }
}

/** A file's digest, hex; of an unknown algorithm only whether it is there. */
async function digestOf(
  { device, payload, signal }: Bag,
  path: string,
  algorithm: string | undefined,
): Promise<string | undefined> {
  const size = sizeOf(device, path);
  // Sizes come before bytes: no file of the payload is larger than all of it.
  if (size === undefined || size > Math.max(payload.bytes, 16 * MiB)) return undefined;
  if (algorithm === undefined) return '';
  const hash = createHash(algorithm);
  const fd = device.open(path);
  if (fd === undefined) return undefined;
  const buffer = Buffer.allocUnsafe(DIGEST_PIECE);
  try {
    for (let left = size; left > 0; ) {
      if (signal?.aborted) throw new Stopped();
      const wanted = Math.min(left, buffer.length);
      const got = onDevice(device.root, () => readSync(fd, buffer, 0, wanted, null));
      if (got === 0) return undefined;
      hash.update(buffer.subarray(0, got));
      left -= got;
      await new Promise(setImmediate);
    }
    return hash.digest('hex');
  } catch (error) {
    if (isWaybillError(error, 'DeviceIo')) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The lines of a text file, without their ends; undefined for one that no list has, after which nothing comes. */
function* linesOf(device: DeviceFiles, path: string): Generator<string | undefined> {
  const fd = sizeOf(device, path) === undefined ? undefined : device.open(path);
  if (fd === undefined) {
    yield undefined;
    return;
  }
  const buffer = Buffer.allocUnsafe(MiB);
  let rest: Buffer = Buffer.alloc(0);
  try {
    for (;;) {
      const got = onDevice(device.root, () => readSync(fd, buffer, 0, buffer.length, null));
      if (got === 0) break;
      const text = Buffer.concat([rest, buffer.subarray(0, got)]);
      let from = 0;
      for (let end = endOf(text, from); end >= 0; end = endOf(text, from)) {
        if (end > from) yield text.toString('utf8', from, end);
        from = end + 1;
      }
      rest = text.subarray(from);
      if (rest.length > LINE_BYTES_MAX) {
        yield undefined;
        return;
      }
    }
    if (rest.length > 0) yield rest.toString('utf8');
  } finally {
    closeSync(fd);
  }
}

/** Lines end in LF, CR, or both: an empty one between the two is none. */
function endOf(text: Buffer, from: number): number {
  const [lf, cr] = [text.indexOf(0x0a, from), text.indexOf(0x0d, from)];
  if (lf < 0 || cr < 0) return Math.max(lf, cr);
  return Math.min(lf, cr);
}
