import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pathOfKey } from '../../domain/key-map.ts';
import { printableKey } from '../../domain/report.ts';
import { writeAll } from '../../files/file-access.ts';
import { syncPath } from '../../files/sync.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import type { PageLine } from '../../volume/catalog/seal-lines.ts';
import { KeyTable } from '../../volume/index/key-table.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';

/** What names a volume's objects get in a directory, whatever their keys are. */

const SLASH = 0x2f;

/** Keys in latin1 of objects under which other keys lie: in a directory only one of both can have the name. */
export type KeysBeside = readonly string[];

/** The list of names that are no keys, in the root of the tree. No object gets this name. */
export const keyMapPath = (root: string, jobId: string): string =>
  join(root, `.waybill-keymap-${jobId}.jsonl`);

/** Where an object goes. */
export const mappedPath = (record: ObjectRecord, beside: ReadonlySet<string>): Buffer =>
  pathOfKey(record.key, {
    isDirectory: record.kind === 'directory',
    isFolder: beside.size > 0 && beside.has(record.key.toString('latin1')),
  });

/** Goes over the catalog twice. Memory grows with the objects, 32 bytes each. Throws PageDamaged. */
export function findKeysBeside(spec: VolumeSpec, pages: readonly PageLine[]): KeysBeside {
  const files = new KeyTable();
  for (const { key, kind } of recordsOf(spec, pages)) if (kind !== 'directory') files.add(key);
  const beside = new Set<string>();
  let last: Buffer = Buffer.alloc(0);
  for (const { key } of recordsOf(spec, pages)) {
    // Folders that the key before lies in, too, have been looked at: neighbours share most of them.
    for (let at = key.indexOf(SLASH, commonBytes(last, key)); at >= 0; ) {
      const folder = key.subarray(0, at);
      if (files.has(folder)) beside.add(folder.toString('latin1'));
      at = key.indexOf(SLASH, at + 1);
    }
    last = key;
  }
  return [...beside];
}

function commonBytes(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let common = 0;
  while (common < most && a[common] === b[common]) common += 1;
  return common;
}

/**
 * Writes the list: of each object whose name is not its key, a line of JSON with the name (`path`), the key as reports
 * have it, and its bytes in base64. Returns how many; without any there is no list. Throws PageDamaged.
 */
export function writeKeyMap(
  spec: VolumeSpec,
  pages: readonly PageLine[],
  { root, keysBeside }: { root: string; keysBeside: KeysBeside },
): number {
  const beside = new Set(keysBeside);
  const path = keyMapPath(root, spec.label.jobId);
  let fd: number | undefined;
  let count = 0;
  try {
    for (const record of recordsOf(spec, pages)) {
      const name = mappedPath(record, beside);
      if (name.equals(record.key)) continue;
      fd ??= openSync(`${path}.new`, 'w', 0o644);
      const key = printableKey(record.key);
      const keyBase64 = record.key.toString('base64');
      writeAll(fd, Buffer.from(`${JSON.stringify({ path: name.toString(), key, keyBase64 })}\n`));
      count += 1;
    }
    if (fd !== undefined) fsyncSync(fd);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  if (count > 0) {
    renameSync(`${path}.new`, path);
    syncPath(root);
  }
  return count;
}

function* recordsOf(spec: VolumeSpec, pages: readonly PageLine[]): Generator<ObjectRecord> {
  const volume = openVolume(spec);
  for (const { page, replaced } of pages) yield* countedIn(volume.openPage(page), replaced);
}
