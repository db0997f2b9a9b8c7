import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { isWord, OPTIONS, type Option, VOLUME_KINDS, type VolumeKind } from '../domain/words.ts';
import { checkDeviceDir, DeviceFiles } from '../files/device.ts';
import {
  LABEL_BYTES_MAX,
  LABEL_PATH,
  LAYOUT_1,
  SEAL_PATH,
  SIGNATURE_PATH,
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

/** Reads and checks a device's label. Throws DeviceNotFound, DeviceNotPrepared, DeviceHostile, LabelInvalid, VolumeVersion. */
export function readLabel(deviceDir: string): Label {
  checkDeviceDir(deviceDir);
  const device = new DeviceFiles(deviceDir);
  let content: Buffer | undefined;
  try {
    content = device.read(LABEL_PATH, LABEL_BYTES_MAX);
    if (!content && !device.entry(LABEL_PATH))
      throw new WaybillError('DeviceNotPrepared', { path: deviceDir });
  } catch (error) {
    if (!isWaybillError(error, 'DeviceIo', 'DeviceReadOnly')) throw error;
    throw new WaybillError('LabelInvalid', { detail: error.message }, { cause: error });
  }
  if (!content) throw new WaybillError('LabelInvalid', { detail: 'it is too large or no file' });
  return parseLabel(content.toString('utf8'));
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
  device.makeFolder(VOLUME_DIR);
  device.publish(LABEL_PATH, `${JSON.stringify(label, null, 2)}\n`);
}

/**
 * Whether the volume carries its last word: two regular files, so that whoever reads them is not sent elsewhere by
 * a symbolic link or kept waiting by a FIFO. Says nothing about its being valid: `readSeal` does. Throws DeviceIo.
 */
export function isSealed(deviceDir: string): boolean {
  const device = new DeviceFiles(deviceDir);
  return [SEAL_PATH, SIGNATURE_PATH].every((path) => device.hasFile(path));
}
