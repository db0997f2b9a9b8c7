import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { WaybillError } from '../../domain/errors.ts';
import { checkLimit } from '../../domain/limits.ts';
import { printableKey } from '../../domain/report.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeReader, VolumeSpec } from '../../volume/volume.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import type { KnownSeal } from '../verify/known-seal.ts';
import { readSeal } from '../verify/seal.ts';
import { checkedPages } from '../verify/sealed-pages.ts';

export interface RestoreObjectOptions extends VolumeSpec {
  /** The installation's CA, PEM. */
  caPem: string;
  known?: KnownSeal | undefined;
  /** Size of the job's device, bytes. */
  sizeBytes: number;
  key: Buffer;
  /** Nobody may see a byte before all are proved; else who takes them holds them back until the end. */
  proveFirst: boolean;
  /** Told what it is before the first byte. */
  onRecord?: (record: ObjectRecord) => void;
  onChunk: (chunk: Buffer) => void | Promise<void>;
}

/**
 * Gives the bytes of one object of a sealed volume, each compared with the checksums taken at its source. When it
 * rejects, what was given is worth nothing. Throws NotFound, ObjectKindUnknown, ChecksumMismatch, FrameDamaged,
 * PageDamaged, and as `unload`.
 */
export function restoreObject(options: RestoreObjectOptions): Promise<ObjectRecord> {
  return typedErrors({ deviceDir: options.deviceDir }, async () => {
    const record = findObject(options);
    if (record.kind === 'other') throw new WaybillError('ObjectKindUnknown');
    const reader = openVolume(options).reader();
    try {
      if (options.proveFirst) await giveChecked(reader, record, () => undefined);
      options.onRecord?.(record);
      await giveChecked(reader, record, options.onChunk);
    } finally {
      reader.close();
    }
    return record;
  });
}

function findObject(options: RestoreObjectOptions): ObjectRecord {
  const seal = readSeal(options);
  checkLimit('sealed', options.label.option, options.sizeBytes, seal.summary.bytes);
  const pages = checkedPages(options, seal);
  const volume = openVolume(options);
  for (const { page, replaced } of pages.good)
    for (const record of countedIn(volume.openPage(page), replaced))
      if (record.key.equals(options.key)) return record;
  const [lost] = pages.damaged;
  if (lost !== undefined) throw new WaybillError('PageDamaged', { page: lost });
  throw new WaybillError('NotFound', { what: 'object', id: printableKey(options.key) });
}

async function giveChecked(
  reader: VolumeReader,
  record: ObjectRecord,
  onChunk: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  const sha256 = createHash('sha256');
  let crc = 0;
  await reader.read(record, (chunk) => {
    sha256.update(chunk);
    crc = crc32(chunk, crc);
    return onChunk(chunk);
  });
  if (crc === record.crc32 && sha256.digest().equals(record.sha256)) return;
  if (record.kind === 'directory') return;
  throw new WaybillError('ChecksumMismatch', { detail: 'SHA-256 or CRC-32' });
}
