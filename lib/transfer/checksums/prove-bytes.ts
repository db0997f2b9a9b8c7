import { createHash } from 'node:crypto';
import { WaybillError } from '../../domain/errors.ts';
import type { Proof } from '../../domain/proofs.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { TakenChecksums } from '../../stores/proof/prover.ts';
import type { ScanEntry } from '../scan/scan-list.ts';
import type { SourceObject, SourceOpener } from '../scan/source-spec.ts';
import type { Control } from '../threads/control.ts';

/** What the proof of an object's bytes needs of the thread that copies it. */
interface Proving {
  open: SourceOpener;
  control: Control;
}

/**
 * How it is known that the bytes that were read of an object are the store's: by what the store says of them, else,
 * where that is asked for or the store's word cannot be compared, by reading them once more. Undefined of sources
 * that are no stores, and of directories. Throws ChecksumMismatch.
 */
export async function proveBytes(
  { open, control }: Proving,
  entry: ScanEntry,
  object: SourceObject,
  taken: TakenChecksums,
): Promise<Proof | undefined> {
  if (!object.prove) return undefined;
  const verdict = object.prove(taken);
  if (verdict.state === 'proved') return verdict.proof;
  if (verdict.state === 'differs')
    throw new WaybillError('ChecksumMismatch', { detail: verdict.detail });
  if (verdict.state === 'silent' && !object.readTwice) return 'none';
  const again = await open(entry, true);
  try {
    if ((await sha256Of(again, control)).equals(taken.sha256)) return 'read-twice';
  } finally {
    await again.close();
  }
  throw new WaybillError('ChecksumMismatch', { detail: 'read twice, they were not the same' });
}

const CHUNK_BYTES = 1024 * 1024;

async function sha256Of(object: SourceObject, control: Control): Promise<Buffer> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, object.bytes)));
  for (;;) {
    const got = await object.read(buffer);
    if (got === 0) return hash.digest();
    hash.update(buffer.subarray(0, got));
    if (control.stopped) throw new Stopped();
  }
}
