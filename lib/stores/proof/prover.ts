import { createHash } from 'node:crypto';
import type { Proof } from '../../domain/proofs.ts';
import { ChecksumOfParts, type PartLayout } from './part-layout.ts';
import { Crc32, crc32c, crc64nvme, type RunningChecksum } from './reflected-crc.ts';

/** Compares the bytes of an object, as they are read, with what its store says of them. */

export type Algorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256' | 'md5';

/** What a store says of an object's bytes. */
export interface Claim {
  /** What the bytes are proved by when it is true. */
  proof: Proof;
  algorithm: Algorithm;
  value: Buffer;
  /** How many parts it is a checksum of checksums of; undefined: it is of the whole object. */
  parts: number | undefined;
}

/** A claim that can be compared. */
export interface Trial {
  claim: Claim;
  /** Of a claim about parts. */
  layout?: PartLayout | undefined;
  /** The layout was guessed: that the checksum differs then proves nothing. */
  isGuess?: boolean | undefined;
}

/** Checksums of all bytes that are taken anyway. */
export interface TakenChecksums {
  sha256: Buffer;
  crc32: number;
}

/** `doubtful`: the store says something, but it cannot be compared. `silent`: it says nothing. */
export type Verdict =
  | { state: 'proved'; proof: Proof }
  | { state: 'differs'; detail: string }
  | { state: 'doubtful' | 'silent' };

interface Running {
  trial: Trial;
  /** Undefined when the checksum is taken anyway. */
  sum: RunningChecksum | undefined;
}

export class Prover {
  readonly #running: Running[];
  readonly #isDoubtful: boolean;

  /** `trials` in the order in which they count. `isDoubtful`: the store says something that cannot be compared. */
  constructor(trials: readonly Trial[], isDoubtful: boolean) {
    this.#isDoubtful = isDoubtful;
    this.#running = trials.map((trial) => ({ trial, sum: sumOf(trial) }));
  }

  /** Bytes in order, from the first on. */
  update(chunk: Uint8Array): void {
    for (const { sum } of this.#running) sum?.update(chunk);
  }

  /** Called once, after the last byte. */
  finish(taken: TakenChecksums): Verdict {
    let verdict: Verdict = { state: this.#isDoubtful ? 'doubtful' : 'silent' };
    for (const { trial, sum } of this.#running) {
      const { claim, isGuess } = trial;
      const found = sum?.digest() ?? takenOf(claim.algorithm, taken);
      if (found.equals(claim.value)) return { state: 'proved', proof: claim.proof };
      if (isGuess) {
        if (verdict.state === 'silent') verdict = { state: 'doubtful' };
        continue;
      }
      verdict = {
        state: 'differs',
        detail: `they have not the ${NAMES[claim.algorithm]} ${checksumOrigin(claim)}`,
      };
      // A note can be older than the bytes, and the ETag then knows better; the store's own checksum cannot.
      if (claim.proof.startsWith('checksum:')) return verdict;
    }
    return verdict;
  }
}

const NAMES: Record<Algorithm, string> = {
  crc32: 'CRC-32',
  crc32c: 'CRC-32C',
  crc64nvme: 'CRC-64/NVME',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  md5: 'MD5',
};

function checksumOrigin({ proof }: Claim): string {
  if (proof === 'waybill-sha256') return 'that they were put with (waybill-sha256)';
  return proof.startsWith('etag:') ? 'of the ETag' : 'that the store keeps';
}

function takenOf(algorithm: Algorithm, { sha256, crc32 }: TakenChecksums): Buffer {
  if (algorithm === 'sha256') return sha256;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes;
}

function sumOf({ claim, layout }: Trial): RunningChecksum | undefined {
  const { algorithm } = claim;
  if (layout !== undefined) return new ChecksumOfParts(() => BEGIN[algorithm](), layout);
  return algorithm === 'sha256' || algorithm === 'crc32' ? undefined : BEGIN[algorithm]();
}

const BEGIN: Record<Algorithm, () => RunningChecksum> = {
  crc32: () => new Crc32(),
  crc32c,
  crc64nvme,
  sha1: () => createHash('sha1'),
  sha256: () => createHash('sha256'),
  md5: () => createHash('md5'),
};
