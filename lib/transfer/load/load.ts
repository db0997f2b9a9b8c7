import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import type { KeyRules } from '../../domain/object-keys.ts';
import { onlyFilters } from '../../domain/processing.ts';
import { formatBytes } from '../../domain/sizes.ts';
import { Stopped } from '../../domain/stopped.ts';
import { makeFolders } from '../../files/file-access.ts';
import { DeviceNames, namesOnDevice, namingOf } from '../../volume/bag/device-names.ts';
import { encodeLines, type LoadFacts } from '../../volume/catalog/seal-lines.ts';
import { removeEverywhere } from '../../volume/copies.ts';
import { indexForLoad, type LoadedIndex } from '../../volume/index/load-index.ts';
import { isSealed } from '../../volume/label.ts';
import { SEGMENT_BYTES_MAX, VOLUME_LAYOUTS } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { Volume } from '../../volume/volume.ts';
import { parityBytes } from '../parity/parity.ts';
import type { ProcessingSetup } from '../process/processor.ts';
import { ScanProcessing } from '../process/scan-outputs.ts';
import { PROBLEMS_FILE, ProblemLog } from '../progress/problem-log.ts';
import { withProgress } from '../progress/progress.ts';
import { type Scan, scanSource } from '../scan/scan.ts';
import { decodeBatch, readBatches } from '../scan/scan-list.ts';
import { isRemote } from '../scan/source.ts';
import type { SourceSpec } from '../scan/source-spec.ts';
import { Control } from '../threads/control.ts';
import { Pool } from '../threads/pool.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import { writeChecksumLists } from './checksum-lists.ts';
import type { LoadOptions, LoadResult } from './load-options.ts';
import { LOAD_TASK, type LoadJob } from './load-task.ts';
import { keepCount, requireLikelySource } from './source-doubts.ts';

/**
 * Everything `load` checks before its first byte. Nothing is left on the device: for a bag, names are tried in a folder that
 * is removed again. Throws VolumeSealed, SourceNotFound, SourceIsDevice, SourceInUse, SizeOverLimit, DeviceFull, PageDamaged, OutputClash, ProcessingUnavailable.
 */
export async function preflight(options: LoadOptions): Promise<LoadResult> {
  return typedErrors(options, async () => {
    const prepared = await prepare(options, true);
    prepared.problems.close();
    const { objects, bytes } = prepared.scan;
    return resultOf(prepared, objects, bytes);
  });
}

/**
 * Copies a source to the device's volume; run again after any interruption it goes on where it was. Objects
 * that cannot be copied are reported and the rest is copied. When the signal aborts, it stops at the next
 * point from which it can resume and rejects with an AbortError.
 */
export function load(options: LoadOptions): Promise<LoadResult> {
  return typedErrors(options, () => loadAll(options));
}

async function loadAll(options: LoadOptions): Promise<LoadResult> {
  const startedAt = new Date().toISOString();
  const control = new Control();
  // What steps that make something need to know of the source is known after that.
  const makes = options.processing && !onlyFilters(options.processing.plan);
  // They start while this thread looks at the source.
  const early = makes ? undefined : startThreads(options, undefined, control);
  const prepared = await prepare(options, false).catch(async (error) => {
    await early?.abandon();
    throw error;
  });
  const { scan, problems, index, volume, processing, keyRules } = prepared;
  const pool = early ?? startThreads(options, processing?.setup(keyRules), control);
  control.add('nextNumber', index.lastNumber);
  control.add('objects', scan.objects - scan.left.objects);
  control.add('bytes', scan.bytes - scan.left.bytes);
  const written = processing?.results.outputs;
  control.add('written', written?.bytes ?? scan.bytes - scan.left.bytes);
  control.add('writtenObjects', written?.objects ?? index.objects);
  control.add('skipped', problems.skipped);
  control.add('failed', problems.failed);
  await withProgress({ phase: 'copy', control, totals: scan }, options, () =>
    pool.run({
      jobs: jobsOf(listPath(options.stateDir), index),
      onDone: (results) => results && processing?.add(results),
      onNote: ({ key, code, facts }) => {
        if (code === 'StepFailedKept' || code === 'ChangingTaken') problems.tell(key, code, facts);
        else problems.add(key, code, facts);
      },
    }),
  ).finally(() => rmSync(listPath(options.stateDir), { force: true }));
  if (!control.stopped) writeChecksumLists({ volume, control, problems, keyRules }, options);
  const omitted = problems.close();
  if (control.stopped) throw new Stopped();
  const { skipped, failed } = problems;
  const made = { objects: control.get('writtenObjects'), bytes: control.get('written') };
  const results = processing?.finished(made);
  const facts: LoadFacts = {
    format: 'waybill-load/1',
    source: placeOf(options.source),
    startedAt,
    finishedAt: new Date().toISOString(),
    skipped,
    failed,
    agentVersion: options.agentVersion,
    ...(results && { processing: results }),
  };
  volume.writeFacts(Buffer.concat([encodeLines([facts]), omitted]));
  if (results) return { ...resultOf(prepared, made.objects, made.bytes), processing: results };
  return resultOf(prepared, control.get('objects'), control.get('bytes'));
}

/** A source, for people; a seal names it so. */
export function placeOf(source: SourceSpec): string {
  if (source.kind === 'store') return `${source.spec.bucket}/${source.prefix}`;
  return source.kind === 'tree' ? source.root : source.path;
}

interface Prepared {
  scan: Scan;
  problems: ProblemLog;
  index: LoadedIndex;
  volume: Volume;
  processing: ScanProcessing | undefined;
  /** What both destination and volume allow of keys. */
  keyRules: KeyRules;
}

const listPath = (stateDir: string): string => join(stateDir, 'scan.list');

async function prepare(options: LoadOptions, dryRun: boolean): Promise<Prepared> {
  const { deviceDir, stateDir, label } = options;
  if (isSealed(deviceDir)) throw new WaybillError('VolumeSealed');
  makeFolders(stateDir, 0o700);
  const volume = openVolume(options);
  if (!dryRun) {
    volume.cleanUp();
    // What a run that was killed left of a seal must not come back as one of this volume.
    removeEverywhere(deviceDir, 'seal.cms');
  }
  const processing = options.processing && new ScanProcessing(options.processing);
  await processing?.checkHost();
  const index = indexForLoad(volume, {
    keepDamaged: dryRun,
    ...(processing && { onRecord: processing.addRecord }),
  });
  const problems = new ProblemLog(join(stateDir, PROBLEMS_FILE), options.onEvent);
  const keyRules = keyRulesOf(options);
  const scan = await scanSource(options, {
    keyRules,
    index,
    problems,
    processing,
    device: label.kind === 'bag' ? askDevice(deviceDir) : undefined,
    listPath: dryRun ? undefined : listPath(stateDir),
  });
  if (options.doubtsEmptySource)
    requireLikelySource(stateDir, placeOf(options.source), scan.objects);
  if (!dryRun) keepCount(stateDir, placeOf(options.source), scan.objects);
  const parity = options.parityPercent
    ? parityBytes(scan.bytes, options.parityPercent, SEGMENT_BYTES_MAX)
    : 0;
  if (processing?.bytesAreKnown !== false)
    checkFreeSpace(deviceDir, volume.bytesNeeded(scan.left.objects, scan.left.bytes) + parity);
  processing?.settle(index);
  for (const { key, ...facts } of processing?.kept ?? [])
    problems.tell(key, 'StepFailedKept', facts);
  if (!dryRun) processing?.withdraw(index, volume);
  return { scan, problems, index, volume, processing, keyRules };
}

/** The objects of a bag are files of the device's own file system. */
function askDevice(deviceDir: string) {
  const naming = namingOf(deviceDir);
  const names = new DeviceNames(naming, (folder) => namesOnDevice(deviceDir, folder));
  return { names, fileBytesMax: naming.fileBytesMax };
}

function keyRulesOf({ label, keyRules }: Pick<LoadOptions, 'label' | 'keyRules'>): KeyRules {
  return VOLUME_LAYOUTS[label.format].keysArePaths ? { ...keyRules, form: 'path' } : keyRules;
}

function checkFreeSpace(deviceDir: string, needed: number): void {
  const { bavail, bsize } = statfsSync(deviceDir);
  if (needed <= bavail * bsize) return;
  throw new WaybillError('DeviceFull', {
    needed: formatBytes(needed),
    free: formatBytes(bavail * bsize),
  });
}

function startThreads(
  options: LoadOptions,
  processing: ProcessingSetup | undefined,
  control: Control,
) {
  // Plain data only: the caller's options may hold functions, and keys that no thread needs.
  const setup = {
    deviceDir: options.deviceDir,
    label: options.label,
    jobKey: options.jobKey,
    source: options.source,
    sizeBytes: options.sizeBytes,
    pausesMs: options.pausesMs,
    processing,
  };
  const objects = processing !== undefined;
  const needs = { everything: objects || isRemote(options.source), objects };
  return new Pool({ kind: LOAD_TASK, setup, control, needs, workers: options.workers });
}

function* jobsOf(path: string, index: LoadedIndex): Generator<LoadJob> {
  for (const batch of readBatches(path)) {
    const parts = decodeBatch(batch)
      .filter((entry) => index.mayHaveParts(entry.key))
      .map((entry) => ({ key: entry.key, parts: index.partsOf(entry) }))
      .filter((known) => known.parts.length > 0);
    yield { batch, parts };
  }
}

function resultOf({ scan, problems }: Prepared, objects: number, bytes: number): LoadResult {
  const { skipped, failed, first, path } = problems;
  const alreadyDone = scan.objects - scan.left.objects;
  return { objects, bytes, skipped, failed, alreadyDone, problems: first, problemsFile: path };
}
