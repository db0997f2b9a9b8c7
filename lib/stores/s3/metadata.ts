import type { NewObject, StoredObject } from '../store.ts';

/**
 * Times and modes of files in an object's metadata, as rclone and s3fs know them:
 * - `mtime`: seconds since 1970 with nanoseconds, `1700000000.123456789` (both).
 * - `mode`: st_mode, decimal with the bits of the type, `33188` (s3fs). Modes that rclone wrote are octal,
 *   `100644`, and understood.
 * - `waybill-sha256`: SHA-256 of the bytes, hex.
 */

const FILE_TYPE = 0o100000;
const FOLDER_TYPE = 0o040000;
/** Largest st_mode: what is larger is not decimal. */
const ST_MODE_MAX = 0o177777;
const NANOS = 1_000_000_000n;
const SLASH = 0x2f;
export const SHA256_FIELD = 'waybill-sha256';

/** Content type of an empty directory, as s3fs has it. */
export const FOLDER_CONTENT = 'application/x-directory';

/** Whether an object stands for an empty directory. One that has bytes is an object like any other. */
export const isFolder = ({ key, bytes }: { key: Uint8Array; bytes: number }): boolean =>
  key.at(-1) === SLASH && bytes === 0;

export function metadataOf(object: NewObject): Record<string, string> {
  const folder = isFolder(object);
  return {
    mtime: secondsText(object.mtimeNs),
    mode: String((folder ? FOLDER_TYPE : FILE_TYPE) | (object.mode & 0o777)),
    ...(object.sha256 && !folder ? { [SHA256_FIELD]: object.sha256.toString('hex') } : {}),
  };
}

/** An object by its size, the time of its last change in the store, and its metadata. */
export function storedObject(
  key: Uint8Array,
  bytes: number,
  changed: Date | undefined,
  metadata: Record<string, string> = {},
): StoredObject {
  return {
    key: Buffer.from(key),
    bytes,
    mtimeNs: parseSeconds(metadata.mtime) ?? BigInt(changed?.getTime() ?? 0) * 1_000_000n,
    mode: parseMode(metadata.mode) ?? (isFolder({ key, bytes }) ? 0o755 : 0o644),
  };
}

function secondsText(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction = String(size % NANOS).padStart(9, '0');
  return `${ns < 0n ? '-' : ''}${size / NANOS}.${fraction}`;
}

function parseSeconds(text: string | undefined): bigint | undefined {
  const match = /^(-?)(\d{1,19})(?:\.(\d{1,20}))?$/.exec(text ?? '');
  if (!match) return undefined;
  const size = BigInt(match[2] ?? 0) * NANOS + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
  return match[1] === '-' ? -size : size;
}

function parseMode(text: string | undefined): number | undefined {
  if (!text || !/^\d{1,7}$/.test(text)) return undefined;
  const decimal = Number(text);
  const isOctal = (text.startsWith('0') || decimal > ST_MODE_MAX) && /^[0-7]+$/.test(text);
  return (isOctal ? Number.parseInt(text, 8) : decimal) & 0o777;
}
