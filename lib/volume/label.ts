import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { isWord, OPTIONS, type Option, VOLUME_KINDS, type VolumeKind } from '../domain/words.ts';
import { checkDeviceDir, DeviceFiles } from '../files/device.ts';
import { hasSeal, isThere, placesOf, readStart, type SmallCopy, writeCopies } from './copies.ts';
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

/**
 * Reads and checks a device's label: its own place first, then the copies. A label is a claim and no copy is better
 * than another; `fits` says which one is of the job that is known. Without one that fits it is the first that is valid.
 * Throws DeviceNotFound, DeviceNotPrepared, DeviceHostile, LabelInvalid, VolumeVersion.
 */
export function readLabel(deviceDir: string, fits: (label: Label) => boolean = () => true): Label {
  return findLabel(deviceDir, fits).label;
}

/** As `readLabel`, with the bytes of the copy that counts. */
export function findLabel(
  deviceDir: string,
  fits: (label: Label) => boolean = () => true,
): SmallCopy & { label: Label } {
  checkDeviceDir(deviceDir);
  const device = new DeviceFiles(deviceDir);
  let first: (SmallCopy & { label: Label }) | undefined;
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
      if (fits(label)) return { path, content, label };
      first ??= { path, content, label };
    } catch (error) {
      if (!isWaybillError(error, 'LabelInvalid', 'VolumeVersion')) throw error;
      problem ??= error;
    }
  }
  if (first) return first;
  throw problem ?? new WaybillError('DeviceNotPrepared', { path: deviceDir });
}

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
  const content = `${JSON.stringify(label, null, 2)}\n`;
  device.makeFolder(VOLUME_DIR);
  device.publish(LABEL_PATH, content);
  writeCopies(deviceDir, 'label.json', content);
}

/** Whether the volume carries its last word, in any of its places. Says nothing about its being valid. Throws DeviceIo. */
export function isSealed(deviceDir: string): boolean {
  return hasSeal(deviceDir);
}
