import { printableKey } from '../../domain/report.ts';
import { DeviceFiles } from '../../files/device.ts';
import { isTemporary } from '../../files/durable.ts';
import type { PageSummary } from '../../volume/catalog/page.ts';
import { HOMES } from '../../volume/copies.ts';
import { hasLabel } from '../../volume/label.ts';
import {
  LOCK_PATH,
  numberOf,
  PARITY_DIR,
  pagePath,
  REOPENED_PATH,
  segmentPath,
  VOLUME_DIR,
} from '../../volume/layout.ts';
import { readParityHeads } from '../../volume/parity/parity-file.ts';
import { sealedBytes } from '../../volume/sealed/sealed-file.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { damagedCopies } from './restore-copies.ts';
import type { CheckedSeal } from './seal.ts';
import type { Remark } from './sealed-pages.ts';

/** A hostile device holds any number of files; so many are named. */
const NAMED_MAX = 1000;

interface Known {
  /** Undefined of a volume that is not sealed: it may still change, and nothing on it is a stray. */
  seal: CheckedSeal | undefined;
  /** Numbers of the pages that count, and those that can be read. */
  numbers: readonly number[];
  pages: readonly PageSummary[];
}

/**
 * What costs nothing on a volume, by sizes and names alone: bytes behind the ends of segments, copies of label and seal that
 * are damaged, and what the seal does not name.
 */
export function findStrays(spec: VolumeSpec, { seal, numbers, pages }: Known): Remark[] {
  const device = new DeviceFiles(spec.deviceDir);
  const remarks: Remark[] = [];
  if (spec.label.kind === 'sealed') {
    for (const { number, segment } of pages) {
      const path = segmentPath(number);
      const expected = sealedBytes(segment.bytes);
      if ((device.entry(path)?.bytes ?? 0) > expected)
        remarks.push({ path, what: 'has bytes behind its end' });
    }
  }
  if (!seal) return remarks;
  remarks.push(...copyRemarks(spec, seal));
  for (const path of unnamed(device, spec, { seal, numbers }))
    remarks.push({ path, what: 'is not named by the seal' });
  return remarks;
}

/** Of label and seal; a label whose copies are all lost can be made again. */
export function copyRemarks(spec: VolumeSpec, seal: CheckedSeal): Remark[] {
  const isLabelLost = !hasLabel(spec.deviceDir, spec.label);
  return damagedCopies(spec, seal).map(({ path }) => ({
    path,
    what:
      isLabelLost && path.endsWith('/label.json')
        ? 'is lost in all its places; what is known of the job and the volume says what was in it'
        : 'is damaged, a copy is not',
  }));
}

/** Files below `waybill/` that no volume of these pages has; pages are compared with the seal by themselves. */
function unnamed(
  device: DeviceFiles,
  { label }: VolumeSpec,
  { seal, numbers }: Pick<Known, 'seal' | 'numbers'>,
): string[] {
  const pages = new Set(numbers);
  const named = new Set<string>([LOCK_PATH, REOPENED_PATH]);
  const heads = readParityHeads(device.root, label.volumeId);
  // What lies there then is lost recovery data, which is told by itself and does cost something.
  const isParityLost = heads.size < (seal?.summary.paritySets ?? 0);
  for (const { parity } of heads.values()) for (const { path } of parity) named.add(path);
  for (const home of [...HOMES, PARITY_DIR])
    for (const file of ['label.json', 'seal.bin', 'seal.cms']) named.add(`${home}/${file}`);
  const found: string[] = [];
  for (const { path, kind } of device.walk(VOLUME_DIR)) {
    const name = path.toString('utf8');
    if (kind === 'folder' || named.has(name) || isOf(pages, name)) continue;
    if (isParityLost && (name === PARITY_DIR || name.startsWith(`${PARITY_DIR}/`))) continue;
    // The lock's own helpers come and go.
    if (name.startsWith(LOCK_PATH) || isTemporary(name.split('/').at(-1) ?? '')) continue;
    found.push(printableKey(path));
    if (found.length === NAMED_MAX) break;
  }
  return found;
}

/** Whether a path is that of a page, or of the segment of one of these pages. */
function isOf(pages: ReadonlySet<number>, path: string): boolean {
  const name = path.split('/').at(-1) ?? '';
  const [page, segment] = [numberOf(name, 'cat'), numberOf(name, 'seg')];
  if (page !== undefined) return path === pagePath(page);
  return segment !== undefined && pages.has(segment) && path === segmentPath(segment);
}
