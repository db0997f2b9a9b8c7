import { createHash } from 'node:crypto';
import { type CustodyEntry, custodyHash, GENESIS_HASH } from '../../domain/custody.ts';

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The hash of an entry, hex. */
export const hashOfEntry = (entry: CustodyEntry): string => custodyHash(entry, sha256Hex);

/** Result of checking the chain: how many entries, and the first that does not follow. */
export interface CustodyCheck {
  entries: number;
  brokenAt: number | undefined;
  /** Hash of the last entry. */
  head: string;
}

/**
 * Follows the chain of the custody log entry by entry, in the console's database or in a log that was downloaded.
 * The hashes at some numbers are remembered, to be compared with signed heads.
 */
export class CustodyChain {
  readonly #wanted: ReadonlySet<number>;
  readonly #found = new Map<number, string>();
  #entries = 0;
  #brokenAt: number | undefined;
  #head = GENESIS_HASH;

  constructor(wanted: Iterable<number> = []) {
    this.#wanted = new Set(wanted);
  }

  /** Takes the next entry as it is kept. Returns false when it does not follow; nothing after it counts. */
  add({ hash, ...entry }: CustodyEntry & { hash: string }): boolean {
    if (this.#brokenAt !== undefined) return false;
    const follows = entry.seq === this.#entries + 1 && entry.previousHash === this.#head;
    if (!follows || hashOfEntry(entry) !== hash) {
      this.#brokenAt = entry.seq;
      return false;
    }
    this.#head = hash;
    this.#entries += 1;
    if (this.#wanted.has(entry.seq)) this.#found.set(entry.seq, hash);
    return true;
  }

  get check(): CustodyCheck {
    return { entries: this.#entries, brokenAt: this.#brokenAt, head: this.#head };
  }

  /** Why the log is not the one that a head vouches for; undefined when it is, or when the chain breaks before. */
  differsFrom(head: { seq: number; hash: string }): HeadDifference | undefined {
    if (head.seq > this.#entries) return this.#brokenAt === undefined ? 'shorter' : undefined;
    return this.#found.get(head.seq) === head.hash ? undefined : 'rewritten';
  }
}

/** `shorter`: the log ends before the entry that was signed. `rewritten`: another entry stands in its place. */
export type HeadDifference = 'shorter' | 'rewritten';

/** A difference in words. */
export function describeDifference(
  difference: HeadDifference,
  head: { seq: number; at: string },
  entries: number,
): string {
  return difference === 'shorter'
    ? `the log ends at entry ${entries}, and the head signed at ${head.at} vouches for ${head.seq}: its end was cut off`
    : `entry ${head.seq} is not the one that the head signed at ${head.at} vouches for: the log was written anew`;
}
