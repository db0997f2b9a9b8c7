import { basename, dirname, join, resolve } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { checkLimit } from '../../domain/limits.ts';
import type { ObjectPauses } from '../../domain/object-attempts.ts';
import type { ReportFile, ReportSummary } from '../../domain/report.ts';
import { Stopped } from '../../domain/stopped.ts';
import { refusalFacts } from '../../domain/store-refusals.ts';
import type { OverwritePolicy } from '../../domain/words.ts';
import { makeFolders } from '../../files/file-access.ts';
import { openStore } from '../../stores/open.ts';
import { capabilityNotes } from '../../stores/s3/capabilities.ts';
import { onStore } from '../../stores/store-errors.ts';
import { publicSpec, type StoreSpec } from '../../stores/store-spec.ts';
import type { PageLine } from '../../volume/catalog/seal-lines.ts';
import { hasLabel } from '../../volume/label.ts';
import { VOLUME_LAYOUTS } from '../../volume/layout.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { type RunOptions, withProgress } from '../progress/progress.ts';
import { PROVENANCE_FILE, writeProvenance } from '../report/provenance.ts';
import { omittedLine, pageLine } from '../report/report-rows.ts';
import { writeSummary } from '../report/summary.ts';
import { Control } from '../threads/control.ts';
import { Pool } from '../threads/pool.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import type { KnownSeal } from '../verify/known-seal.ts';
import { type CheckedSeal, readSeal } from '../verify/seal.ts';
import { checkedPages, remarkLines } from '../verify/sealed-pages.ts';
import { type EarlierReport, journalFromReport } from './earlier-report.ts';
import { hasJournal, UnloadJournal } from './journal.ts';
import { findKeysBeside, type KeysBeside, keyMapPath, writeKeyMap } from './key-map.ts';
import type { UnloadSetup } from './unload-setup.ts';
import { UNLOAD_TASK } from './unload-task.ts';

export interface UnloadOptions extends RunOptions, VolumeSpec {
  /** The installation's CA, PEM: who signed the seal must have a certificate of it. */
  caPem: string;
  /** The seal that it has to be, where somebody knows. */
  known?: KnownSeal | undefined;
  /** Size of the job's device, bytes. */
  sizeBytes: number;
  target: { kind: 'store'; spec: StoreSpec; prefix: string } | TreeTarget;
  /** What becomes of an object that the destination holds already. */
  overwrite: OverwritePolicy;
  /** Between the attempts of an object; the table's own when missing. */
  pausesMs?: ObjectPauses;
  /** Of a job whose unload was done on another host: its report. Only what failed there is done. */
  earlierReport?: EarlierReport | undefined;
  /** Where this host keeps journal and report; made if missing. */
  stateDir: string;
  agentVersion: string;
  /** How the report names the destination. */
  destinationName: string;
}

export interface TreeTarget {
  kind: 'tree';
  root: string;
  /** Give keys that a directory cannot hold another name, and list those. */
  map?: boolean | undefined;
}

export interface UnloadResult {
  summary: ReportSummary;
  /** Whether pages or frames of the volume were damaged. */
  damaged: boolean;
  /** Paths of the report's files. */
  files: Record<ReportFile, string>;
  /** Path of the list of what was made of what; only of a volume that was processed. */
  provenance?: string;
  /** Objects whose name in the tree is not their key, and the list of them. */
  mapped?: { objects: number; path: string };
  /** Objects that have no name in the tree, and would have one if names were mapped. */
  unnamable?: number;
}

/**
 * Writes a sealed volume's objects to a store or a directory. The seal is checked first; every object is
 * compared with the checksums taken at its source; a damaged frame costs only the objects that touch it.
 * Run again after any interruption it goes on, without sending a finished page again.
 * Throws VolumeNotSealed, SignatureInvalid, VolumeInvalid, SealSuperseded, SizeOverLimit, and what the store throws.
 */
export function unload(options: UnloadOptions): Promise<UnloadResult> {
  return typedErrors(options, () => unloadAll(options));
}

async function unloadAll(options: UnloadOptions): Promise<UnloadResult> {
  const startedAt = new Date().toISOString();
  const seal = readSeal(options);
  checkLimit('sealed', options.label.option, options.sizeBytes, seal.summary.bytes);
  makeFolders(options.stateDir, 0o700);
  const { prefix, ...target } = storeOf(options.target);
  const { spec, notes } = await checkedStore(target.spec, options);
  const head = JSON.stringify({
    seal: seal.digest,
    ...publicSpec(spec),
    prefix,
    overwrite: options.overwrite,
    ...(isMapped(options.target) ? { map: true } : {}),
  });
  const pages = checkedPages(options, seal);
  const { earlierReport, stateDir } = options;
  if (earlierReport && !hasJournal(stateDir, head)) {
    const about = { pages: pages.good, prefix, dir: stateDir, head };
    await journalFromReport(options, about, earlierReport);
  }
  const journal = new UnloadJournal(stateDir, head);
  const control = new Control();
  control.add('objects', journal.counts.objects);
  control.add('bytes', journal.counts.bytes);
  control.add('failed', journal.counts.failed);
  const phase =
    options.label.option === 'disk' || options.target.kind === 'store' ? 'import' : 'export';
  const setup: UnloadSetup = {
    deviceDir: options.deviceDir,
    label: options.label,
    jobKey: options.jobKey,
    store: spec,
    prefix,
    overwrite: options.overwrite,
    keysBeside: isMapped(options.target) ? findKeysBeside(options, pages.good) : undefined,
    pausesMs: options.pausesMs,
  };
  let refusal = '';
  const report = {
    seal,
    journal,
    damaged: pages.damaged,
    startedAt,
    notes: [...notes, ...labelNote(options), ...remarkLines(pages.remarks)],
  };
  try {
    const { workers } = options;
    const needs = { everything: !('root' in spec), objects: false };
    await withProgress({ phase, control, totals: seal.summary }, options, () =>
      new Pool({ kind: UNLOAD_TASK, setup, control, needs, workers }).run({
        jobs: pages.good
          .filter(({ page }) => !journal.done.has(page))
          .map(({ page, replaced = [] }) => ({ page, replaced, only: journal.retries.get(page) })),
        onDone: (done) => {
          if (!done) return;
          journal.add(done);
          refusal = done.refusal ?? refusal;
        },
      }),
    );
    if (control.stopped) throw new Stopped();
    requireSomething(options, journal, refusal);
  } catch (error) {
    finishReport(options, { ...report, partial: true });
    throw error;
  }
  const done = finishReport(options, report);
  const named = {
    ...done,
    ...namesOf(options, pages.good, setup.keysBeside, done, journal.counts.unnamable),
  };
  if (!seal.summary.load.processing) return named;
  const provenance = join(options.stateDir, PROVENANCE_FILE);
  writeProvenance(options, pages.good, provenance);
  return { ...named, provenance };
}

/** What the report says where the label is one that was made again. */
const labelNote = ({ deviceDir, label }: VolumeSpec): string[] =>
  hasLabel(deviceDir, label)
    ? []
    : ['all copies of the label are lost; one was made of what is known of job and volume'];

const isMapped = (target: UnloadOptions['target']): boolean =>
  target.kind === 'tree' && target.map === true;

/** What is to be said of names in a tree. */
function namesOf(
  options: UnloadOptions,
  pages: readonly PageLine[],
  keysBeside: KeysBeside | undefined,
  { summary }: UnloadResult,
  unnamable: number,
): Pick<UnloadResult, 'mapped' | 'unnamable'> {
  const { target, label } = options;
  if (target.kind !== 'tree') return {};
  const root = resolve(target.root);
  if (keysBeside) {
    const objects = writeKeyMap(options, pages, { root, keysBeside });
    return { mapped: { objects, path: keyMapPath(root, label.jobId) } };
  }
  if (summary.failed === 0 || VOLUME_LAYOUTS[label.format].keysArePaths) return {};
  return { unnamable };
}

/**
 * A store that has taken none of many objects refuses all of them, whatever it says to a probe. Throws StoreRefuses. What a
 * directory of this host refuses, its user sees from the report.
 */
function requireSomething(
  { target }: UnloadOptions,
  { counts }: UnloadJournal,
  refusal: string,
): void {
  if (target.kind === 'tree' || counts.objects > 0 || counts.refused === 0) return;
  const detail = `none of ${counts.failed} objects was taken, the last one because ${refusal}`;
  throw new WaybillError('StoreRefuses', refusalFacts('unknown', detail));
}

/** Proves that the store can be used. Returns how to reach it from now on, and what the report has to say of it. */
export async function checkedStore(
  spec: StoreSpec,
  { stateDir, signal }: Pick<UnloadOptions, 'stateDir' | 'signal'>,
): Promise<{ spec: StoreSpec; notes: string[] }> {
  const store = openStore(spec, signal);
  const capabilities = await Promise.resolve(store.check()).finally(() => store.close());
  if (!capabilities || 'root' in spec) return { spec, notes: [] };
  const uploadsFile = join(stateDir, 'uploads.jsonl');
  return {
    spec: { ...spec, remote: { ...spec.remote, capabilities, uploadsFile } },
    notes: capabilityNotes(capabilities),
  };
}

/** A directory to restore into is a bucket of a directory store with the tree's name. */
function storeOf(target: UnloadOptions['target']): { spec: StoreSpec; prefix: string } {
  if (target.kind === 'store') return target;
  const root = resolve(target.root);
  onStore(() => makeFolders(root));
  const bucket = basename(root);
  return { spec: { kind: 'directory', root: dirname(root), bucket, isTree: true }, prefix: '' };
}

function finishReport(
  options: UnloadOptions,
  done: {
    seal: CheckedSeal;
    journal: UnloadJournal;
    damaged: number[];
    startedAt: string;
    notes: string[];
    partial?: boolean;
  },
): UnloadResult {
  const { seal, journal, damaged, startedAt, notes, partial = false } = done;
  journal.addFailures([...damaged.map(pageLine), ...seal.omitted.map(omittedLine)].join(''));
  journal.close();
  // A damaged page cannot name its objects; the seal's count says how many are missing.
  const unnamed =
    damaged.length > 0 && !partial
      ? seal.summary.objects - journal.counts.objects - journal.counts.failed
      : 0;
  const { counts } = journal;
  const failed = counts.failed + Math.max(0, unnamed);
  const { path, summary } = writeSummary(options, {
    seal,
    counts,
    failed,
    startedAt,
    notes,
    partial,
  });
  const files = {
    'summary.json': path,
    'success.csv': journal.successPath,
    'failure.csv': journal.failurePath,
  };
  return { summary, files, damaged: damaged.length > 0 || journal.counts.damaged > 0 };
}
