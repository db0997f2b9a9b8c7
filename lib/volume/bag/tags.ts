import { decodeKey } from '../../domain/object-keys.ts';
import { formatBytes } from '../../domain/sizes.ts';

/** The tag files of a bag (RFC 8493, The BagIt File Packaging Format 1.0). */

export const PAYLOAD_DIR = 'data';
/** Tag files beside the payload. */
export const TAG_FILES = [
  'bagit.txt',
  'bag-info.txt',
  'manifest-sha256.txt',
  'tagmanifest-sha256.txt',
] as const;
export const BAGIT_TXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** A line of a manifest. CR, LF and % of a path are percent-encoded (§2.1.3). */
export function manifestLine(sha256Hex: string, path: string): string {
  const encoded = path.replace(/[%\r\n]/g, (c) => ({ '%': '%25', '\r': '%0D' })[c] ?? '%0A');
  return `${sha256Hex}  ${encoded}\n`;
}

/** Reads a line of a manifest whose digests have so many digits; undefined when it is none. */
export function parseManifestLine(
  line: string,
  digits: number | 'any' = 64,
): { digest: string; path: string } | undefined {
  const [, digest, encoded] = /^([0-9a-f]+)[ \t]+\*?(.+)$/i.exec(line) ?? [];
  if (digest === undefined || encoded === undefined) return undefined;
  if (digits !== 'any' && digest.length !== digits) return undefined;
  const path = encoded.replace(/%(25|0D|0A)/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { digest: digest.toLowerCase(), path };
}

/** Why a key cannot be a path of a bag, or undefined: tag files are UTF-8 text. */
export function bagKeyProblem(key: Uint8Array): string | undefined {
  return decodeKey(key) === undefined ? 'a bag needs names in UTF-8' : undefined;
}

/** bag-info.txt. */
export function bagInfo(facts: {
  jobId: string;
  deviceId: string;
  objects: number;
  bytes: number;
  date: string;
  agent: string;
}): string {
  return [
    `Bag-Software-Agent: ${facts.agent}`,
    `Bagging-Date: ${facts.date.slice(0, 10)}`,
    `Bag-Size: ${formatBytes(facts.bytes)}`,
    `Payload-Oxum: ${facts.bytes}.${facts.objects}`,
    `External-Identifier: ${facts.jobId}`,
    `External-Description: Waybill device ${facts.deviceId}`,
    '',
  ].join('\n');
}
