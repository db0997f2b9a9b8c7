import type { StoreKind } from './words.ts';

/** What may be a key: a relative path in UTF-8, any text in UTF-8, or any bytes. */
export type KeyForm = 'path' | 'text' | 'bytes';

/** What a destination allows of a key. Longest key in bytes; largest object in bytes. */
export interface KeyRules {
  keyBytesMax: number;
  objectBytesMax: number;
  /** A path when missing. */
  form?: KeyForm | undefined;
}

/** S3: 1,024 bytes of UTF-8 and 5 TiB an object (Amazon S3 User Guide, "Naming Amazon S3 objects"). */
const S3_RULES: KeyRules = { keyBytesMax: 1024, objectBytesMax: 5 * 1024 ** 4 };

/** EBS: 16 TiB is the largest volume of most types (Amazon EBS User Guide, "Amazon EBS volume types"). */
const EBS_RULES: KeyRules = { keyBytesMax: 1024, objectBytesMax: 16 * 1024 ** 4 };

export const KEY_RULES: Record<StoreKind, KeyRules> = {
  directory: S3_RULES,
  s3: S3_RULES,
  glacier: S3_RULES,
  ebs: EBS_RULES,
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The key as text, or undefined when its bytes are not UTF-8. */
export function decodeKey(key: Uint8Array): string | undefined {
  try {
    return decoder.decode(key);
  } catch {
    return undefined;
  }
}

/**
 * Why a key cannot be used in a destination, or undefined when it can. Of a path, `/` separates segments, and a
 * trailing `/` marks a directory. Its form is also what keeps it inside its root: no empty, `.` or `..` segment, no NUL,
 * not absolute.
 */
export function keyProblem(key: Uint8Array, rules: KeyRules): string | undefined {
  const { form = 'path', keyBytesMax } = rules;
  if (key.length === 0) return 'it is empty';
  if (key.length > keyBytesMax) return `it is ${key.length} bytes long; ${keyBytesMax} are allowed`;
  if (form === 'bytes') return undefined;
  if (isReserved(key)) return `${RESERVED_NAME} is reserved`;
  const problem = form === 'path' ? pathProblem(key) : undefined;
  return problem ?? (isText(key) ? undefined : 'it is not valid UTF-8');
}

/** Most keys are ASCII, which is seen faster than decoded. */
function isText(key: Uint8Array): boolean {
  for (const byte of key) if (byte >= 0x80) return decodeKey(key) !== undefined;
  return true;
}

/** Where directory stores, and bags, keep what is unfinished. */
const RESERVED_NAME = '.waybill-tmp';

function isReserved(key: Uint8Array): boolean {
  if (key[0] !== DOT) return false;
  const start = Buffer.from(key.subarray(0, RESERVED_NAME.length + 1)).toString('latin1');
  return start === RESERVED_NAME || start === `${RESERVED_NAME}/`;
}

const SLASH = 0x2f;
const DOT = 0x2e;

/** Why bytes cannot be a relative path that stays inside its root, or undefined when they can. */
export function pathProblem(key: Uint8Array): string | undefined {
  if (key.includes(0)) return 'it contains a NUL byte';
  const end = key.at(-1) === SLASH ? key.length - 1 : key.length;
  let start = 0;
  for (let i = 0; i <= end; i += 1) {
    if (i < end && key[i] !== SLASH) continue;
    const length = i - start;
    if (length === 0) return start === 0 ? 'it is absolute' : 'it has an empty segment';
    if (key[start] === DOT && (length === 1 || (length === 2 && key[start + 1] === DOT))) {
      return 'it has a . or .. segment';
    }
    start = i + 1;
  }
  return undefined;
}
