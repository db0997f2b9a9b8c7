import { closeSync, readSync } from 'node:fs';
import { isWaybillError } from '../../domain/errors.ts';
import { printableKey } from '../../domain/report.ts';
import { MiB } from '../../domain/sizes.ts';
import { DeviceFiles } from '../../files/device.ts';
import { onDevice } from '../../files/durable.ts';
import { BAGIT_TXT, manifestLine, PAYLOAD_DIR, parseManifestLine } from '../../volume/bag/tags.ts';
import { KeyTable } from '../../volume/index/key-table.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import {
  CATALOG_DIR,
  LABEL_PATH,
  PAGE_BYTES_MAX,
  pagePath,
  SEAL_BYTES_MAX,
  SEAL_PATH,
} from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { fileDigest } from '../../volume/volume-files.ts';
import type { Problem } from '../progress/problem-log.ts';
import type { RunOptions } from '../progress/progress.ts';
import type { CheckedSeal } from './seal.ts';
import { checkOtherLists } from './verify-bag-lists.ts';
import { problemOf } from './verify-seal.ts';

const MANIFEST = 'manifest-sha256.txt';
const TAG_MANIFEST = 'tagmanifest-sha256.txt';
const TAG_BYTES_MAX = 64 * 1024;
/** Problems of one kind that are named, however many a hostile bag has. */
const NAMED_MAX = 20;

/**
 * Checks what makes a sealed bag a bag, as a validator of BagIt 1.0 (RFC 8493) does: the declaration, the payload's size,
 * that the manifest names just the files of the catalog, the digests of the tag files, and that nothing else lies in the
 * payload, `fetch.txt` and the manifests of other algorithms. The payload's bytes are checked with the catalog. `good` are the pages that can be read.
 */
export async function checkBagTags(
  spec: VolumeSpec & Pick<RunOptions, 'signal'>,
  seal: CheckedSeal,
  good: ReadonlySet<number>,
): Promise<Problem[]> {
  const device = new DeviceFiles(spec.deviceDir);
  const details: string[] = [];
  const text = (path: string) => device.read(path, TAG_BYTES_MAX)?.toString('utf8');
  if (text('bagit.txt') !== BAGIT_TXT) details.push('bagit.txt is missing or wrong');
  const isWhole = seal.pages.every(({ page }) => good.has(page));
  const keys = new KeyTable();
  const files = new KeyTable();
  const totals = { files: 0, bytes: 0 };
  const lines = manifestLines(spec, seal, good, (key, bytes, isFile) => {
    keys.add(Buffer.from(key));
    if (!isFile) return;
    files.add(Buffer.from(key));
    totals.files += 1;
    totals.bytes += bytes;
  });
  const manifest = compareLines(device, MANIFEST, lines);
  // Without all pages nobody can say what the manifest should hold.
  if (isWhole && manifest.problem) details.push(manifest.problem);
  const oxum = /^Payload-Oxum: *(\d+)\.(\d+) *$/im.exec(text('bag-info.txt') ?? '');
  if (!oxum) details.push('bag-info.txt is missing or has no Payload-Oxum');
  else if (isWhole && (Number(oxum[1]) !== totals.bytes || Number(oxum[2]) !== totals.files))
    details.push(
      `bag-info.txt counts ${oxum[1]} bytes in ${oxum[2]} files, the catalog ${totals.bytes} in ${totals.files}`,
    );
  details.push(...tagProblems(device, seal, manifest.bytes));
  if (isWhole) {
    const payload = { files, bytes: totals.bytes };
    details.push(...unlisted(device, keys));
    details.push(...(await checkOtherLists({ device, payload, signal: spec.signal })));
  }
  return details.map((detail) => problemOf('BagInvalid', { detail }));
}

function* manifestLines(
  spec: VolumeSpec,
  seal: CheckedSeal,
  good: ReadonlySet<number>,
  onObject: (key: Buffer, bytes: number, isFile: boolean) => void,
): Generator<string> {
  const volume = openVolume(spec);
  for (const { page, replaced } of seal.pages) {
    if (!good.has(page)) continue;
    for (const { key, kind, bytes, sha256 } of countedIn(volume.openPage(page), replaced)) {
      onObject(key, bytes, kind === 'file');
      if (kind === 'file')
        yield manifestLine(sha256.toString('hex'), `${PAYLOAD_DIR}/${key.toString('utf8')}`);
    }
  }
}

/** What a file has in place of its lines, in a sentence; all lines are taken, whatever is found. */
function compareLines(
  device: DeviceFiles,
  path: string,
  lines: Iterable<string>,
): { problem: string | undefined; bytes: number } {
  const fd = device.open(path);
  let problem = fd === undefined ? `${path} is missing` : undefined;
  let bytes = 0;
  let number = 0;
  let waiting: Buffer[] = [];
  let size = 0;
  const flush = () => {
    const expected = Buffer.concat(waiting);
    waiting = [];
    size = 0;
    bytes += expected.length;
    const at = bytes - expected.length;
    if (problem !== undefined || fd === undefined) return;
    const found = Buffer.alloc(expected.length);
    const got = onDevice(device.root, () => readSync(fd, found, 0, found.length, at));
    if (got < expected.length || !found.equals(expected))
      problem = `${path} is not what the catalog says, at line ${number} or before`;
  };
  try {
    for (const line of lines) {
      const piece = Buffer.from(line);
      waiting.push(piece);
      size += piece.length;
      number += 1;
      if (size >= MiB) flush();
    }
    flush();
    if (problem === undefined && (device.entry(path)?.bytes ?? 0) > bytes)
      problem = `${path} names more than the catalog`;
    return { problem, bytes };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Tag files whose digests differ, or that the tag manifest does not name. */
function tagProblems(device: DeviceFiles, seal: CheckedSeal, manifestBytes: number): string[] {
  const most = (seal.pages.length + 10) * 200;
  const text = device.read(TAG_MANIFEST, most)?.toString('utf8');
  if (text === undefined) return [`${TAG_MANIFEST} is missing or too large`];
  const listed = new Map<string, string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const parsed = parseManifestLine(line);
    if (!parsed) return [`${TAG_MANIFEST} has a line that is none`];
    listed.set(parsed.path, parsed.digest);
  }
  const wanted = ['bag-info.txt', 'bagit.txt', MANIFEST, LABEL_PATH, SEAL_PATH];
  const all = [...wanted, ...seal.pages.map(({ page }) => pagePath(page))];
  const missing = all
    .filter((path) => !listed.has(path))
    .map((path) => `${TAG_MANIFEST} does not name ${path}`);
  const differing = [...listed]
    .filter(
      ([path, digest]) =>
        digestOf(device, path, path === MANIFEST ? manifestBytes : limitOf(path)) !== digest,
    )
    .map(([path]) => `${printableKey(Buffer.from(path))} is not what ${TAG_MANIFEST} says`);
  return [...missing, ...differing].slice(0, NAMED_MAX);
}

/** How large a tag file can be: its size is looked at before its bytes. */
function limitOf(path: string): number {
  if (path === SEAL_PATH) return SEAL_BYTES_MAX;
  return path.startsWith(`${CATALOG_DIR}/`) ? PAGE_BYTES_MAX : TAG_BYTES_MAX;
}

function digestOf(device: DeviceFiles, path: string, bytesMax: number): string | undefined {
  try {
    return fileDigest(device, path, { bytesMax });
  } catch (error) {
    if (isWaybillError(error, 'VolumeInvalid', 'DeviceIo', 'DeviceHostile')) return undefined;
    throw error;
  }
}

/** Files of the payload that no record names. */
function unlisted(device: DeviceFiles, keys: KeyTable): string[] {
  const details: string[] = [];
  for (const { path, kind } of device.walk(PAYLOAD_DIR)) {
    if (kind === 'folder' || keys.has(path.subarray(PAYLOAD_DIR.length + 1))) continue;
    details.push(`${printableKey(path)} is in the payload and not in the catalog`);
    if (details.length === NAMED_MAX) break;
  }
  return details;
}
