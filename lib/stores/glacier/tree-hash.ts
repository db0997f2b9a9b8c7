import { createHash } from 'node:crypto';

const LEAF_BYTES = 1024 * 1024;

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * SHA-256 tree hash of Amazon S3 Glacier: a SHA-256 for each MiB, then pairs hashed together level by level, a
 * node without a partner going up as it is (Glacier Developer Guide, "Computing Checksums"). Nodes of trees
 * that are complete are folded at once, so that memory stays at one node a level.
 */
export class TreeHash {
  #leaf = createHash('sha256');
  #leafBytes = 0;
  #leaves = 0;
  /** Roots of complete trees, largest first. */
  readonly #roots: Buffer[] = [];

  update(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + LEAF_BYTES - this.#leafBytes);
      this.#leaf.update(part);
      this.#leafBytes += part.length;
      at += part.length;
      if (this.#leafBytes === LEAF_BYTES) this.#endLeaf();
    }
  }

  /** Ends the hash; nothing may be added after it. */
  digest(): Buffer {
    if (this.#leafBytes > 0 || this.#leaves === 0) this.#endLeaf();
    return this.#roots.reduceRight((right, left) => sha256(left, right));
  }

  #endLeaf(): void {
    let node: Buffer = this.#leaf.digest();
    // Each trailing 1 bit of the count is a complete tree of that size waiting for its partner.
    for (let count = this.#leaves; count % 2 === 1; count = (count - 1) / 2) {
      const left = this.#roots.pop();
      if (left) node = sha256(left, node);
    }
    this.#roots.push(node);
    this.#leaves += 1;
    this.#leaf = createHash('sha256');
    this.#leafBytes = 0;
  }
}
