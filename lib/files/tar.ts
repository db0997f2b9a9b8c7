/**
 * Entries of a tar archive in the pax interchange format (POSIX.1-2017, pax, "ustar Interchange Format" and "pax
 * Extended Header"). The same entry always gives the same bytes: owner and group are 0 and have no names.
 */

/** A file or directory of an archive. `path` is relative, with `/`, and has none at its end. */
export interface TarEntry {
  path: Buffer;
  kind: 'file' | 'directory';
  bytes: number;
  mtimeNs: bigint;
  /** Permission bits. */
  mode: number;
}

const BLOCK = 512;
const NAME_BYTES = 100;
/** What eleven octal digits hold. */
const FIELD_MAX = 8 ** 11 - 1;
const NS = 1_000_000_000n;

/** Two blocks of zeros. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** What comes before an entry's bytes. */
export function tarHeader(entry: TarEntry): Buffer {
  const { path, kind, bytes, mode, mtimeNs } = entry;
  const records = paxRecords(entry);
  const seconds = mtimeNs < 0n ? 0 : Math.min(FIELD_MAX, Number(mtimeNs / NS));
  const name = kind === 'directory' ? Buffer.concat([path, Buffer.from('/')]) : path;
  const typeflag = kind === 'directory' ? '5' : '0';
  const size = bytes > FIELD_MAX ? 0 : bytes;
  const own = block({ name, mode: mode & 0o777, size, seconds, typeflag });
  if (records.length === 0) return own;
  const pax = { name: Buffer.from('././@PaxHeader'), mode: 0o644, seconds: 0, typeflag: 'x' };
  const header = block({ ...pax, size: records.length });
  return Buffer.concat([header, records, tarPadding(records.length), own]);
}

/** What comes after so many bytes: zeros up to the end of a block. */
export const tarPadding = (bytes: number): Buffer =>
  Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);

/** An entry's length in the archive, bytes. */
export const tarBytes = (entry: TarEntry): number =>
  tarHeader(entry).length + entry.bytes + tarPadding(entry.bytes).length;

/** What the fields of a ustar header cannot hold. */
function paxRecords({ path, kind, bytes, mtimeNs }: TarEntry): Buffer {
  const slash = kind === 'directory' ? '/' : '';
  const isPlain = path.length + slash.length <= NAME_BYTES && path.every((byte) => byte < 0x80);
  const isWhole = mtimeNs >= 0n && mtimeNs % NS === 0n && mtimeNs / NS <= FIELD_MAX;
  return Buffer.concat([
    ...(isPlain ? [] : [paxRecord('path', Buffer.concat([path, Buffer.from(slash)]))]),
    ...(bytes <= FIELD_MAX ? [] : [paxRecord('size', Buffer.from(String(bytes)))]),
    ...(isWhole ? [] : [paxRecord('mtime', Buffer.from(decimalSeconds(mtimeNs)))]),
  ]);
}

/** "LENGTH KEY=VALUE\n", whose length counts its own digits too. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length)
    length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function decimalSeconds(ns: bigint): string {
  const sign = ns < 0n ? '-' : '';
  const size = ns < 0n ? -ns : ns;
  const fraction = String(size % NS).padStart(9, '0');
  return `${sign}${size / NS}.${fraction}`.replace(/\.?0+$/, '');
}

interface Fields {
  name: Buffer;
  mode: number;
  size: number;
  seconds: number;
  typeflag: string;
}

function block({ name, mode, size, seconds, typeflag }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, NAME_BYTES);
  const octal = (value: number, at: number, digits: number) =>
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(seconds, 136, 11);
  header.write(typeflag, 156, 'latin1');
  header.write('ustar\u{0}00', 257, 'latin1');
  octal(0, 329, 7);
  octal(0, 337, 7);
  // The checksum counts its own field as spaces.
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
