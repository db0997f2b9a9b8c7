import { decodeKey } from './object-keys.ts';

/**
 * Names in a directory for keys that a directory cannot hold, and the keys again. A key that can be a path is its own
 * name, but for those that look like an escape. STORES.md has the rule for other programs.
 *
 * Segments are escaped one by one, each by itself: `%_` and the segment, in which `%` is `%25`, and what no name may
 * hold is written so too. `%=` says the same of an object under whose key others lie: that name is a folder. A segment
 * that is too long goes on in the next name: all but its last piece begin with `%+`.
 */

const ESCAPED = '%_';
const BESIDE = '%=';
const CONTINUED = '%+';
const MARKS = [ESCAPED, BESIDE, CONTINUED];
/** NAME_MAX of Linux's file systems. */
const NAME_BYTES_MAX = 255;
/** Room for a mark, and for not cutting a letter in two. */
const PIECE_BYTES = 250;
/** What of a tree is Waybill's own. */
const OWN = '.waybill-';
const SLASH = '/';

/** What has to be known of an object besides its key. */
export interface MappedObject {
  isDirectory: boolean;
  /** Other keys lie under it. */
  isFolder: boolean;
}

/** The path of an object, as bytes; that of a directory ends in `/`. */
export function pathOfKey(key: Uint8Array, { isDirectory, isFolder }: MappedObject): Buffer {
  const text = Buffer.from(key).toString('latin1');
  const segments = (isDirectory ? text.slice(0, -1) : text).split(SLASH);
  const last = isDirectory ? -1 : segments.length - 1;
  const names = segments.map((segment, i) => {
    if (isFolder && i === last) return nameOf(segment, BESIDE);
    return isName(segment, i === 0) ? segment : nameOf(segment, ESCAPED);
  });
  return Buffer.from(`${names.join(SLASH)}${isDirectory ? SLASH : ''}`, 'latin1');
}

/** The key of an object by its path; that of a directory ends in `/`. Each path is of one key. */
export function keyOfPath(path: Uint8Array): Buffer {
  const text = Buffer.from(path).toString('latin1');
  const isDirectory = text.endsWith(SLASH);
  const segments: string[] = [];
  let begun = '';
  for (const name of (isDirectory ? text.slice(0, -1) : text).split(SLASH)) {
    const mark = MARKS.find((each) => name.startsWith(each));
    const rest = mark ? name.slice(mark.length) : name;
    if (mark === CONTINUED) {
      begun += rest;
      continue;
    }
    segments.push(mark ? unescaped(begun + rest) : begun + rest);
    begun = '';
  }
  return Buffer.from(`${segments.join(SLASH)}${isDirectory ? SLASH : ''}`, 'latin1');
}

/** Whether a segment, one character a byte, can be a name as it is. */
function isName(segment: string, isFirst: boolean): boolean {
  if (segment === '' || segment === '.' || segment === '..') return false;
  if (segment.length > NAME_BYTES_MAX || segment.includes('\0')) return false;
  if (MARKS.some((mark) => segment.startsWith(mark))) return false;
  return !(isFirst && segment.startsWith(OWN)) && isText(segment);
}

const isText = (segment: string): boolean =>
  !/[\x80-\xff]/.test(segment) || decodeKey(Buffer.from(segment, 'latin1')) !== undefined;

const coded = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

const unescaped = (text: string): string =>
  text.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** The name of a segment, or its names one below the other. */
function nameOf(segment: string, mark: string): string {
  const isDots = segment === '.' || segment === '..';
  const unsafe = isDots ? /[%\0.]/g : isText(segment) ? /[%\0]/g : /[%\0\x80-\xff]/g;
  let rest = segment.replace(unsafe, coded);
  const names: string[] = [];
  while (mark.length + rest.length > NAME_BYTES_MAX) {
    let end = PIECE_BYTES;
    while (/[\x80-\xbf]/.test(rest.charAt(end))) end -= 1;
    names.push(`${CONTINUED}${rest.slice(0, end)}`);
    rest = rest.slice(end);
  }
  return [...names, `${mark}${rest}`].join(SLASH);
}
