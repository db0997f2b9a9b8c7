import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { GiB } from '../../domain/sizes.ts';
import { type ItemFormat, type NewItem, openIndexedStore } from '../indexed/indexed-store.ts';
import type { NewObject, Store } from '../store.ts';
import type { FolderSpec } from '../store-spec.ts';
import { BLOCK_BYTES } from './image-blocks.ts';
import { ImageWriter } from './volume-image.ts';

const IMAGE_FILE = 'image.raw';
const CHECKSUM_FILE = 'blocks.sha256';
const SNAPSHOT_FILE = 'snapshot.json';

/**
 * Opens the embedded stand-in for EBS. Each object is the raw image of a volume and becomes a snapshot, which
 * appears whole, by one rename:
 *
 *     <root>/<bucket>/snapshots/<snap-id>/image.raw        the image, sparse
 *     <root>/<bucket>/snapshots/<snap-id>/blocks.sha256    `<index> <base64 SHA-256>` of each block with data
 *     <root>/<bucket>/snapshots/<snap-id>/snapshot.json    id, key, sizes, the checksum over all blocks
 *     <root>/<bucket>/index.jsonl                          key → snapshot (object-index.ts)
 *
 * Blocks have 512 KiB and checksums are those of the EBS direct APIs, so that a snapshot can be sent to EBS as
 * it is. Empty directories are refused: they are no images.
 */
export function openEbsStore(spec: FolderSpec): Store {
  return openIndexedStore(spec, SNAPSHOTS);
}

const SNAPSHOTS: ItemFormat = {
  kind: 'ebs',
  keyRules: KEY_RULES.ebs,
  folder: 'snapshots',
  shardChars: 0,
  isId: /^snap-[0-9a-f]{17}$/,
  dataFile: IMAGE_FILE,
  refuses: (key) =>
    key.at(-1) === 0x2f ? 'an EBS snapshot is made from an image file' : undefined,
  newItem: newSnapshot,
};

function newSnapshot(path: string, object: NewObject): NewItem {
  const id = `snap-${randomBytes(9).toString('hex').slice(0, 17)}`;
  const startTime = new Date().toISOString();
  mkdirSync(path, { mode: 0o700 });
  const image = new ImageWriter(join(path, IMAGE_FILE), join(path, CHECKSUM_FILE));
  return {
    id,
    write: (chunk) => image.write(chunk),
    finish: () => {
      const { bytes, blocks, checksum } = image.finish();
      const snapshot = {
        snapshotId: id,
        key: object.key.toString(),
        startTime,
        // The smallest volume has 1 GiB.
        volumeSizeGiB: Math.max(1, Math.ceil(bytes / GiB)),
        bytes,
        blockBytes: BLOCK_BYTES,
        changedBlocksCount: blocks,
        checksum: checksum.toString('base64'),
        checksumAlgorithm: 'SHA256',
        checksumAggregationMethod: 'LINEAR',
        mtimeNs: String(object.mtimeNs),
        mode: object.mode & 0o777,
      };
      const text = `${JSON.stringify(snapshot, null, 2)}\n`;
      writeFileSync(join(path, SNAPSHOT_FILE), text, { flag: 'wx', mode: 0o400 });
      return { bytes, checksums: { checksum: snapshot.checksum } };
    },
    close: () => image.close(),
  };
}
