import { realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { checkLimit } from '../../domain/limits.ts';
import { type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import { formatBytes } from '../../domain/sizes.ts';
import { Stopped } from '../../domain/stopped.ts';
import { errnoOf } from '../../files/errno.ts';
import type { DeviceNames } from '../../volume/bag/device-names.ts';
import { bagKeyProblem } from '../../volume/bag/tags.ts';
import type { LoadedIndex } from '../../volume/index/load-index.ts';
import type { Label } from '../../volume/label.ts';
import type { ProblemLog } from '../progress/problem-log.ts';
import type { RunOptions } from '../progress/progress.ts';
import { persistedListing } from './frozen-listing.ts';
import { checkImage, imageEntry, isBlockDevice } from './image-source.ts';
import { liesInFolder } from './same-folder.ts';
import { type ScanEntry, ScanListWriter } from './scan-list.ts';
import { type LeftOut, type ScanItem, scanTree } from './scan-tree.ts';
import type { ImageSource, SourceSpec, TreeSource } from './source-spec.ts';

/** What a scan asks of whatever chooses among its entries, as the processing of a load does. */
export interface ScanFilter {
  /** Whether an entry is left out. Throws OutputClash. */
  leavesOut(entry: Omit<ScanEntry, 'replaces'>): boolean;
  /** Hears of an entry that is not on the volume as it is now. */
  isAnew(entry: Pick<ScanEntry, 'key'>): void;
  /** Whether the scan tells how many bytes there will be at least. */
  readonly bytesAreKnown: boolean;
}

/** What a scan found. Objects and bytes of the whole source; `left` is what is not on the volume yet. */
export interface Scan {
  objects: number;
  bytes: number;
  left: { objects: number; bytes: number };
}

export interface ScanOptions extends RunOptions {
  source: SourceSpec;
  deviceDir: string;
  label: Label;
  /** Size of the job's device, bytes. */
  sizeBytes: number;
  /** Where this host keeps the job's scan list and problem log; made if missing. */
  stateDir: string;
  /** Folders of this program on this host: its state, and its sign-in. They are never copied. */
  ownFolders?: readonly string[];
}

/** What a scan compares the source with, and where it puts what it finds. */
interface ScanWork {
  /** What both destination and volume allow of keys. */
  keyRules: KeyRules;
  index: LoadedIndex;
  problems: ProblemLog;
  processing: ScanFilter | undefined;
  /** Of a bag: what the device's file system makes of names, and its largest file. */
  device: { names: DeviceNames; fileBytesMax: number } | undefined;
  /** Where to write the list; undefined for a dry run. */
  listPath: string | undefined;
}

const EVENT_EVERY = 2000;

/**
 * Looks at the whole source before the first byte is written: what there is, what cannot be copied, whether
 * it is over the limit. Throws SourceNotFound, SourceIsDevice, SizeOverLimit.
 */
export async function scanSource(options: ScanOptions, work: ScanWork): Promise<Scan> {
  const { index, problems, processing } = work;
  options.onEvent?.({ kind: 'phase', phase: 'scan' });
  const list = new ScanListWriter(work.listPath);
  const scan: Scan = { objects: 0, bytes: 0, left: { objects: 0, bytes: 0 } };
  let seen = 0;
  const take = (item: ScanItem) => {
    if ('problem' in item) {
      const { key, code, facts } = item.problem;
      problems.add(key, code, facts);
      return;
    }
    const { entry } = item;
    if (!mayCopy(entry, options, work) || processing?.leavesOut(entry)) return;
    scan.objects += 1;
    scan.bytes += entry.bytes;
    const status = index.statusOf(entry);
    if (status === 'loaded') return;
    processing?.isAnew(entry);
    scan.left.objects += 1;
    scan.left.bytes += entry.bytes;
    entry.replaces = status === 'outdated';
    list.add(entry);
  };
  const pause = async () => {
    if (options.signal?.aborted) throw new Stopped();
    report(options, problems, scan);
    await new Promise(setImmediate);
  };
  const items = itemsOf(options, work);
  // A tree answers at once: waiting for each of a million entries would take longer than to look at them.
  if (Symbol.iterator in items) {
    for (const item of items) {
      seen += 1;
      if (seen % EVENT_EVERY === 0) await pause();
      take(item);
    }
  } else {
    for await (const item of untilStopped(items, options.signal)) {
      seen += 1;
      if (seen % EVENT_EVERY === 0) await pause();
      take(item);
    }
  }
  list.close();
  report(options, problems, scan);
  // What the steps will make of it counts while it is written.
  if (processing?.bytesAreKnown !== false)
    checkLimit('scan', options.label.option, options.sizeBytes, scan.bytes);
  return scan;
}

/** A store may take its time for a page, or never answer: who stops does not wait for it. */
async function* untilStopped<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Stopped());
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
  });
  stopped.catch(() => undefined);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    // Ends what it waits for when that comes; nobody waits for that.
    const ended = Promise.resolve(iterator.return?.()).catch(() => undefined);
    if (!signal?.aborted) await ended;
  }
}

function report(
  { onEvent }: RunOptions,
  { skipped, failed }: Pick<ProblemLog, 'skipped' | 'failed'>,
  scan: Scan,
): void {
  const { objects, bytes } = scan;
  onEvent?.({
    kind: 'progress',
    phase: 'scan',
    objects,
    bytes,
    totalObjects: 0,
    totalBytes: 0,
    skipped,
    failed,
  });
}

function mayCopy(
  entry: ScanEntry,
  { label }: Pick<ScanOptions, 'label'>,
  { keyRules, problems, device }: ScanWork,
): boolean {
  const detail =
    keyProblem(entry.key, keyRules) ??
    folderProblem(entry, keyRules) ??
    (label.kind === 'bag' ? bagKeyProblem(entry.key) : undefined);
  if (detail) {
    problems.add(entry.key, 'KeyRefused', { detail });
    return false;
  }
  const tooLarge = (code: 'ObjectTooLarge' | 'DeviceFileTooLarge', limit: number) => {
    problems.add(entry.key, code, {
      actual: formatBytes(entry.bytes),
      limit: formatBytes(limit),
    });
    return false;
  };
  if (entry.bytes > keyRules.objectBytesMax)
    return tooLarge('ObjectTooLarge', keyRules.objectBytesMax);
  if (!device) return true;
  if (entry.bytes > device.fileBytesMax) return tooLarge('DeviceFileTooLarge', device.fileBytesMax);
  const problem = device.names.problemOf(entry.key);
  if (problem) problems.add(entry.key, problem.code, problem.facts);
  return !problem;
}

const SLASH = 0x2f;

/** Where keys are paths, one that ends in a slash is a directory. A store may have bytes under it. */
const folderProblem = ({ key, bytes }: ScanEntry, { form = 'path' }: KeyRules) =>
  form === 'path' && bytes > 0 && key.at(-1) === SLASH
    ? 'it ends in a slash, and a directory has no bytes'
    : undefined;

function itemsOf(
  { source, deviceDir, stateDir, ownFolders = [], signal }: ScanOptions,
  { index, listPath }: ScanWork,
): Iterable<ScanItem> | AsyncIterable<ScanItem> {
  const dryRun = listPath === undefined;
  if (source.kind === 'store')
    return persistedListing(source, dryRun ? undefined : stateDir, signal);
  checkSource(source, deviceDir);
  if (source.kind === 'tree')
    return scanTree(source, [
      ...[stateDir, ...ownFolders].map((path): LeftOut => ({ path, code: 'AgentFilesSkipped' })),
      { path: deviceDir, code: 'DeviceSkipped' },
    ]);
  return [{ entry: imageEntry(source, { index, stateDir, dryRun }) }];
}

/** Throws SourceNotFound, SourceIsDevice, SourceInUse. */
export function checkSource(source: TreeSource | ImageSource, deviceDir: string): void {
  if (source.kind === 'tree') checkRoot(source.root, deviceDir);
  else if (isBlockDevice(source.path)) checkImage(source.path);
  else if (liesInFolder(dirname(realPathOf(source.path, 'file')), deviceDir))
    throw new WaybillError('SourceIsDevice', { source: source.path, device: deviceDir });
}

/** Refuses a source that is no directory, or that lies inside the device or around it. Throws SourceNotFound, SourceIsDevice. */
export function checkRoot(root: string, deviceDir: string | undefined): void {
  const real = realPathOf(root, 'directory');
  if (deviceDir === undefined) return;
  const device = realpathSync(deviceDir);
  const isAround = `${join(device)}/`.startsWith(`${real}/`);
  if (isAround || liesInFolder(real, device)) {
    throw new WaybillError('SourceIsDevice', { source: root, device: deviceDir });
  }
}

/** Throws SourceNotFound, also when what is there is not what it should be. */
function realPathOf(path: string, kind: 'file' | 'directory'): string {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (kind === 'file' ? stat.isFile() : stat.isDirectory()) return real;
  } catch (error) {
    throw new WaybillError('SourceNotFound', { path, detail: errnoOf(error) ?? 'unreadable' });
  }
  throw new WaybillError('SourceNotFound', { path, detail: `it is not a ${kind}` });
}
