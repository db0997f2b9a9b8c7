import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { checkArchiveBytes } from '../../domain/archives.ts';
import { WaybillError } from '../../domain/errors.ts';
import { checkLimit } from '../../domain/limits.ts';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { csvLine, type ObjectResult, printableKey, type ReportFile } from '../../domain/report.ts';
import { Stopped } from '../../domain/stopped.ts';
import { DeviceFiles } from '../../files/device.ts';
import { publish, unpublish } from '../../files/durable.ts';
import { errnoOf } from '../../files/errno.ts';
import { makeFolders, writeAll } from '../../files/file-access.ts';
import { TAR_END, tarBytes } from '../../files/tar.ts';
import { openStore } from '../../stores/open.ts';
import type { NewObject, ObjectWriter } from '../../stores/store.ts';
import { publicSpec, type StoreSpec } from '../../stores/store-spec.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import { PARITY_DIR } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { StoreJudge } from '../judge/store-judge.ts';
import { withProgress } from '../progress/progress.ts';
import { ObjectFailed, tryObject } from '../report/object-attempts.ts';
import { objectRow, omittedLine, REPORT_HEADER } from '../report/report-rows.ts';
import { writeSummary } from '../report/summary.ts';
import { Control, stopOn } from '../threads/control.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import { UNLOAD_JOURNAL } from '../unload/journal.ts';
import { checkedStore, type UnloadOptions, type UnloadResult } from '../unload/unload.ts';
import { holds, isForNow } from '../unload/unload-object.ts';
import { repairVolume } from '../verify/repair.ts';
import { type CheckedSeal, readSeal } from '../verify/seal.ts';
import { checkedPages } from '../verify/sealed-pages.ts';
import { verifyVolume } from '../verify/verify.ts';
import { entryPieces, volumeEntries } from './volume-entries.ts';

export interface ArchiveOptions extends UnloadOptions {
  target: Extract<UnloadOptions['target'], { kind: 'store' }>;
}

/** What is known of an archive before it is sent; kept in the job's state, so that a later run goes on. */
interface Archive {
  /** Digest of the seal. */
  seal: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  crc32: number;
  /** What became of it, and where; once it is in the store. */
  done?: { result: ObjectResult; place: string };
}

/**
 * Writes a sealed volume as it lies on its device to a store: one tar archive, `<prefix><job>.tar`, as encrypted as
 * the volume is. All of the volume is verified first (and put right from its recovery data, where it has some); then
 * the archive's checksums are taken, and it is sent with them. Run again after any interruption it goes on.
 * Throws VolumeNotSealed, SignatureInvalid, VolumeInvalid, VolumeNotVerified, SizeOverLimit, ArchiveTooLarge,
 * ObjectExists, and what the store throws.
 */
export function archiveVolume(options: ArchiveOptions): Promise<UnloadResult> {
  return typedErrors(options, () => archiveAll(options));
}

async function archiveAll(options: ArchiveOptions): Promise<UnloadResult> {
  const startedAt = new Date().toISOString();
  const { label, stateDir, sizeBytes, target } = options;
  const seal = readSeal(options);
  checkLimit('sealed', label.option, sizeBytes, seal.summary.bytes);
  const { objectBytesMax } = KEY_RULES[target.spec.kind];
  checkArchiveBytes(seal.summary.bytes, objectBytesMax);
  makeFolders(stateDir, 0o700);
  const { spec, notes } = await checkedStore(target.spec, options);
  const notePath = join(stateDir, 'archive.json');
  let archive = readNote(notePath, seal);
  if (!archive) {
    await requireWhole(options, seal);
    archive = await measure(options, seal, objectBytesMax);
    writeNote(notePath, archive);
  }
  const key = Buffer.from(`${target.prefix}${label.jobId}.tar`);
  const place = JSON.stringify({ ...publicSpec(spec), key: key.toString() });
  if (archive.done?.place !== place) {
    const result = await send(options, { seal, archive, key, spec });
    archive = { ...archive, done: { result, place } };
    writeNote(notePath, archive);
  }
  return reportOf(options, { seal, archive, key: printableKey(key), startedAt, notes });
}

/** Proves that every byte of the volume is as it was sealed. An archive holds a whole volume or is not made. */
async function requireWhole(options: ArchiveOptions, seal: CheckedSeal): Promise<void> {
  const { deviceDir, label, jobKey, caPem, workers, signal, onEvent } = options;
  const volume = { deviceDir, label, jobKey, caPem, workers, signal, onEvent };
  const isWhole = async () =>
    checkedPages(options, seal).damaged.length === 0 &&
    (await verifyVolume({ ...volume, full: true })).damaged === 0;
  if (await isWhole()) return;
  if (new DeviceFiles(deviceDir).entry(PARITY_DIR)) {
    await repairVolume(volume);
    if (await isWhole()) return;
  }
  const detail = 'something of it is damaged; --archive object imports each object that is not';
  throw new WaybillError('VolumeNotVerified', { detail });
}

/** Reads the archive once, for its size and checksums. Throws ArchiveTooLarge. */
async function measure(
  options: ArchiveOptions,
  seal: CheckedSeal,
  bytesMax: number,
): Promise<Archive> {
  let bytes = TAR_END.length;
  for (const entry of volumeEntries(options, seal)) bytes += tarBytes(entry);
  checkArchiveBytes(bytes, bytesMax);
  const sums = new Sums();
  await eachPiece(options, { phase: 'verify', seal, bytes }, (piece) => sums.add(piece));
  return { seal: seal.digest, bytes, ...sums.finish() };
}

/** SHA-256 in hex and CRC-32 of what is added. */
class Sums {
  readonly #sha256 = createHash('sha256');
  #crc32 = 0;

  add(piece: Buffer): void {
    this.#sha256.update(piece);
    this.#crc32 = crc32(piece, this.#crc32);
  }

  finish(): { sha256: string; crc32: number } {
    return { sha256: this.#sha256.digest('hex'), crc32: this.#crc32 };
  }
}

const PIECE_BYTES = 1024 * 1024;

/** Goes through the archive from start to end. Rejects with an AbortError when the signal aborts. */
async function eachPiece(
  options: ArchiveOptions,
  { phase, seal, bytes }: { phase: 'verify' | 'import'; seal: CheckedSeal; bytes: number },
  take: (piece: Buffer) => unknown,
): Promise<void> {
  const control = new Control();
  const { objects } = seal.summary;
  await withProgress({ phase, control, totals: { objects, bytes } }, options, async () => {
    let sinceRest = 0;
    for (const piece of archivePieces(options, seal)) {
      if (control.stopped) throw new Stopped();
      await take(piece);
      control.add('bytes', piece.length);
      sinceRest += piece.length;
      if (sinceRest < PIECE_BYTES) continue;
      // The lease is renewed, and progress told, in this thread.
      sinceRest = 0;
      await new Promise(setImmediate);
    }
    control.add('objects', objects);
  });
}

function* archivePieces(volume: VolumeSpec, seal: CheckedSeal): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (const entry of volumeEntries(volume, seal)) yield* entryPieces(volume, entry, buffer);
  yield TAR_END;
}

async function send(
  options: ArchiveOptions,
  sending: { seal: CheckedSeal; archive: Archive; key: Buffer; spec: StoreSpec },
): Promise<ObjectResult> {
  const { seal, archive, key, spec } = sending;
  const { bytes, crc32: crc } = archive;
  const object: NewObject = {
    key,
    bytes,
    crc32: crc,
    sha256: Buffer.from(archive.sha256, 'hex'),
    mode: 0o644,
    mtimeNs: BigInt(Date.parse(seal.summary.sealedAt)) * 1_000_000n,
    contentType: 'application/x-tar',
  };
  const store = openStore(spec, options.signal);
  const control = new Control();
  const disconnect = stopOn(options.signal, control);
  const judge = new StoreJudge(store, options.target.prefix);
  let wasAbsent = false;
  const put = async (): Promise<ObjectResult> => {
    const there = await store.stat(key);
    if (!there) wasAbsent = true;
    const isSame = () => there?.bytes === bytes && holds(store, object);
    if (there && options.overwrite !== 'always' && (await isSame()))
      return wasAbsent ? 'written' : 'already-present';
    const keeps = options.overwrite === 'never';
    // An earlier attempt whose bytes were hurt on the way is nobody's object.
    const isHurt = keeps && there !== undefined && (await store.claims?.(object)) === true;
    if (keeps && there && !isHurt) throw new WaybillError('ObjectExists');
    const onlyIfAbsent = keeps && !isHurt;
    await sendPieces(options, {
      seal,
      archive,
      writer: await store.put({ ...object, onlyIfAbsent }),
    });
    const [problem] = await store.flush();
    if (problem) throw problem.error;
    return 'written';
  };
  try {
    const { pausesMs } = options;
    return (await tryObject({ judge, control, pausesMs }, { key, bytes }, put)).value;
  } catch (error) {
    throw error instanceof ObjectFailed ? error.error : error;
  } finally {
    disconnect();
    await store.close();
  }
}

async function sendPieces(
  options: ArchiveOptions,
  { seal, archive, writer }: { seal: CheckedSeal; archive: Archive; writer: ObjectWriter },
): Promise<void> {
  const sums = new Sums();
  try {
    await eachPiece(options, { phase: 'import', seal, bytes: archive.bytes }, (piece) => {
      sums.add(piece);
      return writer.write(piece);
    });
    // What the device gave this time is what was verified and measured.
    if (sums.finish().sha256 !== archive.sha256)
      throw new WaybillError('ChecksumMismatch', {
        detail: 'SHA-256 of the archive',
        read: 'volume',
      });
  } catch (error) {
    await (isForNow(error) && writer.suspend ? writer.suspend() : writer.abort());
    throw error;
  }
  await writer.commit();
}

function reportOf(
  options: ArchiveOptions,
  done: { seal: CheckedSeal; archive: Archive; key: string; startedAt: string; notes: string[] },
): UnloadResult {
  const { seal, archive, key, startedAt, notes } = done;
  const { objects, bytes } = seal.summary;
  const { path, summary } = writeSummary(options, {
    seal,
    startedAt,
    notes,
    failed: 0,
    counts: {
      objects,
      bytes,
      alreadyPresent: archive.done?.result === 'already-present' ? objects : 0,
    },
    archive: { key, bytes: archive.bytes, sha256: archive.sha256 },
  });
  const files: Record<ReportFile, string> = {
    'summary.json': path,
    'success.csv': join(options.stateDir, 'success.csv'),
    'failure.csv': join(options.stateDir, 'failure.csv'),
  };
  // The logs of an import by objects end here.
  unpublish(join(options.stateDir, UNLOAD_JOURNAL));
  writeLines(files['success.csv'], archivedLines(options, seal, key));
  writeLines(files['failure.csv'], seal.omitted.map(omittedLine));
  return { summary, files, damaged: false };
}

/** One line for each object in the archive. */
function* archivedLines(
  volume: VolumeSpec,
  seal: CheckedSeal,
  archiveKey: string,
): Generator<string> {
  const opened = openVolume(volume);
  for (const { page, replaced } of seal.pages) {
    const lines: string[] = [];
    for (const record of countedIn(opened.openPage(page), replaced))
      lines.push(csvLine(objectRow(record, record.key, 'archived', '', archiveKey)));
    yield lines.join('');
  }
}

function writeLines(path: string, lines: Iterable<string>): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    writeAll(fd, Buffer.from(REPORT_HEADER));
    for (const line of lines) writeAll(fd, Buffer.from(line));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What an earlier run found out of this very volume. */
function readNote(path: string, seal: CheckedSeal): Archive | undefined {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Archive;
    return note.seal === seal.digest ? note : undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function writeNote(path: string, archive: Archive): void {
  publish(path, `${JSON.stringify(archive)}\n`, 0o600);
}
