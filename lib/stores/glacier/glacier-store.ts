import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { WaybillError } from '../../domain/errors.ts';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { writeAll } from '../../files/file-access.ts';
import { type ItemFormat, type NewItem, openIndexedStore } from '../indexed/indexed-store.ts';
import type { NewObject, Store } from '../store.ts';
import type { FolderSpec } from '../store-spec.ts';
import { TreeHash } from './tree-hash.ts';

/** Random bytes of an archive id: 138 characters of base64url, as Glacier's. */
const ID_BYTES = 103;

/**
 * Opens the embedded stand-in for Glacier. Each object is an immutable archive:
 *
 *     <root>/<bucket>/archives/<first 2 characters of id>/<id>    its bytes
 *     <root>/<bucket>/index.jsonl                                 key → archive (object-index.ts)
 *
 * A line of the index also tells, in hex, `sha256`, `treeHash` (Glacier's tree hash) and `crc32` of the bytes.
 * An empty directory is an archive without bytes. Besides what stores throw: ChecksumMismatch, when an object
 * comes with checksums that its bytes do not have.
 */
export function openGlacierStore(spec: FolderSpec): Store {
  return openIndexedStore(spec, ARCHIVES);
}

const ARCHIVES: ItemFormat = {
  kind: 'glacier',
  keyRules: KEY_RULES.glacier,
  folder: 'archives',
  shardChars: 2,
  isId: /^[A-Za-z0-9_-]{138}$/,
  dataFile: undefined,
  refuses: () => undefined,
  newItem: newArchive,
};

function newArchive(path: string, object: NewObject): NewItem {
  const fd = openSync(path, 'wx', 0o600);
  const sha256 = createHash('sha256');
  const treeHash = new TreeHash();
  let crc = 0;
  let bytes = 0;
  let open = true;
  const close = () => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    id: randomBytes(ID_BYTES).toString('base64url'),
    write: (chunk) => {
      writeAll(fd, chunk);
      sha256.update(chunk);
      treeHash.update(chunk);
      crc = crc32(chunk, crc);
      bytes += chunk.length;
    },
    finish: () => {
      const digest = sha256.digest();
      requireChecksums(object, digest, crc);
      fchmodSync(fd, 0o400);
      close();
      const checksums = {
        sha256: digest.toString('hex'),
        treeHash: treeHash.digest().toString('hex'),
        crc32: crc.toString(16).padStart(8, '0'),
      };
      return { bytes, checksums };
    },
    close,
  };
}

/** An archive cannot be corrected later: what differs is refused before it is one. */
function requireChecksums(object: NewObject, sha256: Buffer, crc: number): void {
  if (object.key.at(-1) === 0x2f) return;
  if (object.crc32 !== undefined && object.crc32 !== crc)
    throw new WaybillError('ChecksumMismatch', { detail: 'CRC-32' });
  if (object.sha256 && !object.sha256.equals(sha256))
    throw new WaybillError('ChecksumMismatch', { detail: 'SHA-256' });
}
