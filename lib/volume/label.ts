import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { isWord, OPTIONS, type Option, VOLUME_KINDS, type VolumeKind } from '../domain/words.ts';
import { checkDeviceDir, DeviceFiles } from '../files/device.ts';
import { hasSeal, isThere, placesOf, readStart, type SmallCopy, writeCopies } from './copies.ts';
import { formatOfVolume, labelDigestOfBag } from './label-evidence.ts';
import {
  LABEL_BYTES_MAX,
  LABEL_PATH,
  LAYOUT_1,
  VOLUME_DIR,
  VOLUME_FORMATS,
  type VolumeFormat,
} from './layout.ts';

/** The plain label of a device: whose it is. Not secret, and not trusted: everything it says is checked against the manifest. */
export interface Label {
  format: VolumeFormat;
  deviceId: string;
  jobId: string;
  /** UUID. */
  volumeId: string;
  option: Option;
  kind: VolumeKind;
  /** ISO 8601. */
  createdAt: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Ids are shown on screens and used in paths; nothing else is let in. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** A label as it lies on a device, and in how many places. */
export interface FoundLabel extends SmallCopy {
  label: Label;
  places: number;
}

/** What is known of a device's label beforehand. */
export type KnownLabel = Pick<Label, 'jobId' | 'deviceId' | 'volumeId' | 'kind' | 'option'>;

/**
 * Reads and checks a device's label, of which it has copies. A label is a claim and no place is worth more than another: of
 * those that `fits` takes, `findLabel` says which one counts. Without one that fits it is the one that most places hold.
 * Throws DeviceNotFound, DeviceNotPrepared, DeviceHostile, LabelInvalid, VolumeVersion.
 */
export function readLabel(deviceDir: string, fits: (label: Label) => boolean = () => true): Label {
  return findLabel(deviceDir, fits).label;
}

/**
 * As `readLabel`, with the bytes of the copy that counts: the one under which the volume's own files open, in a bag the one
 * whose digest its tag manifest has; of those the one that lies in most places; of those the one with the `option` that is known.
 */
export function findLabel(
  deviceDir: string,
  fits: (label: Label) => boolean = () => true,
  option?: Option,
): FoundLabel {
  const { found, problem } = labelsOn(deviceDir);
  const fitting = found.filter(({ label }) => fits(label));
  const all = fitting.length > 0 ? fitting : found;
  if (all.length === 0) throw problem ?? new WaybillError('DeviceNotPrepared', { path: deviceDir });
  const ranked = all.map((one) => ({ one, rank: rankOf(deviceDir, one, all.length > 1, option) }));
  // Sorting keeps the order of places among equals.
  ranked.sort((a, b) => compareRanks(b.rank, a.rank));
  return (ranked[0] as (typeof ranked)[0]).one;
}

/** The label of a volume that is known, from the device; made of what is known where no copy of it is left. */
export function labelOf(deviceDir: string, known: KnownLabel, madeAt: string): Label {
  const { option } = known;
  let problem: unknown;
  try {
    const { label } = findLabel(deviceDir, isLabelOf(known), option);
    return label;
  } catch (error) {
    if (!isWaybillError(error, 'LabelInvalid', 'VolumeVersion', 'DeviceNotPrepared')) throw error;
    problem = error;
  }
  const { jobId, deviceId, volumeId, kind } = known;
  const format = formatOfVolume(deviceDir, known);
  // Nothing on the device says that it is this volume.
  if (!format) throw problem;
  return { format, deviceId, jobId, volumeId, option, kind, createdAt: madeAt };
}

/** Whether any place of the device holds this label. */
export const hasLabel = (deviceDir: string, label: Label): boolean =>
  labelsOn(deviceDir).found.some((one) => isDeepStrictEqual(one.label, label));

/** The bytes of a label that was chosen by `findLabel` or made by `labelOf`. */
export function labelBytes(deviceDir: string, label: Label): Buffer {
  const { found } = labelsOn(deviceDir);
  const same = found.filter((one) => isDeepStrictEqual(one.label, label));
  const digest = label.kind === 'bag' ? labelDigestOfBag(deviceDir) : undefined;
  const listed = same.find(({ content }) => sha256Of(content) === digest);
  const most = [...same].sort((a, b) => b.places - a.places)[0];
  return (listed ?? most)?.content ?? Buffer.from(encodeLabel(label));
}

/** The different labels of a device, in the order of their places; `problem` is of the first that is none. */
function labelsOn(deviceDir: string): { found: FoundLabel[]; problem: unknown } {
  checkDeviceDir(deviceDir);
  const device = new DeviceFiles(deviceDir);
  const found: FoundLabel[] = [];
  let problem: unknown;
  for (const path of placesOf('label.json')) {
    try {
      const start = readStart(device, path, LABEL_BYTES_MAX);
      if (!start) {
        requireNothing(device, path);
        continue;
      }
      const content = withoutTail(start);
      const label = parseLabel(content.toString('utf8'));
      const same = found.find((one) => one.content.equals(content));
      if (same) same.places += 1;
      else found.push({ path, content, label, places: 1 });
    } catch (error) {
      if (!isWaybillError(error, 'LabelInvalid', 'VolumeVersion')) throw error;
      problem ??= error;
    }
  }
  return { found, problem };
}

/** The higher, the better; the first number that differs counts. */
function rankOf(
  deviceDir: string,
  { label, content, places }: FoundLabel,
  isOneOfMany: boolean,
  option: Option | undefined,
): number[] {
  if (!isOneOfMany) return [];
  const isProved =
    label.kind === 'bag'
      ? labelDigestOfBag(deviceDir) === sha256Of(content)
      : formatOfVolume(deviceDir, label) === label.format;
  return [Number(isProved), places, Number(label.option === option)];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [i, rank] of a.entries()) if (rank !== b[i]) return rank - (b[i] ?? 0);
  return 0;
}

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const encodeLabel = (label: Label): string => `${JSON.stringify(label, null, 2)}\n`;

/** For `fits`: the label of this very volume. */
export const isLabelOf =
  ({ jobId, deviceId, volumeId, kind }: Pick<Label, 'jobId' | 'deviceId' | 'volumeId' | 'kind'>) =>
  (label: Label): boolean =>
    label.jobId === jobId &&
    label.deviceId === deviceId &&
    label.volumeId === volumeId &&
    label.kind === kind;

/** A label that is there and cannot be read is damaged: its device is not a blank one. */
function requireNothing(device: DeviceFiles, path: string): void {
  if (isThere(device, path))
    throw new WaybillError('LabelInvalid', { detail: 'it is no file, or cannot be read' });
}

/** No member of a label has a brace in it: the first one that closes is the end. */
function withoutTail(content: Buffer): Buffer {
  const end = content.indexOf('}') + 1;
  const isTail = content.subarray(end).some((byte) => byte !== 0x0a && byte !== 0x0d);
  return end > 0 && isTail ? Buffer.concat([content.subarray(0, end), Buffer.from('\n')]) : content;
}

/** Checks the text of a label. Throws LabelInvalid, VolumeVersion. */
export function parseLabel(text: string): Label {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WaybillError('LabelInvalid', { detail: 'it is not JSON' });
  }
  const label = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const { format, deviceId, jobId, volumeId, option, kind, createdAt } = label;
  const isKnown = isWord(VOLUME_FORMATS, format);
  if (!isKnown && typeof format === 'string' && format.startsWith('waybill-volume/')) {
    const known = VOLUME_FORMATS.join(', ');
    throw new WaybillError('VolumeVersion', { found: format.slice(0, 40), known });
  }
  const texts = { deviceId, jobId };
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text !== 'string' || !ID.test(text)) {
      throw new WaybillError('LabelInvalid', { detail: `${name} is not an id` });
    }
  }
  if (
    !isKnown ||
    typeof volumeId !== 'string' ||
    !UUID.test(volumeId) ||
    !isWord(OPTIONS, option) ||
    !isWord(VOLUME_KINDS, kind) ||
    (kind === 'bag' && format !== LAYOUT_1.format) ||
    typeof createdAt !== 'string' ||
    Number.isNaN(Date.parse(createdAt))
  ) {
    throw new WaybillError('LabelInvalid', { detail: 'a member is missing or wrong' });
  }
  return {
    format,
    deviceId: String(deviceId),
    jobId: String(jobId),
    volumeId,
    option,
    kind,
    createdAt,
  };
}

/** Writes a label durably. The device must hold nothing of another volume. Throws DeviceNotFound, DeviceReadOnly, DeviceIo. */
export function writeLabel(deviceDir: string, label: Label): void {
  checkDeviceDir(deviceDir);
  const device = new DeviceFiles(deviceDir);
  const content = encodeLabel(label);
  device.makeFolder(VOLUME_DIR);
  device.publish(LABEL_PATH, content);
  writeCopies(deviceDir, 'label.json', content);
}

/** Whether the volume carries its last word, in any of its places. Says nothing about its being valid. Throws DeviceIo. */
export function isSealed(deviceDir: string): boolean {
  return hasSeal(deviceDir);
}
