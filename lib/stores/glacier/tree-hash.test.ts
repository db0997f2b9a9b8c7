import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { seededBytes } from '../../testing/trees.ts';
import { TreeHash } from './tree-hash.ts';

const MIB = 1024 * 1024;

function treeHash(bytes: Buffer, chunk = bytes.length || 1): string {
  const hash = new TreeHash();
  for (let at = 0; at < bytes.length; at += chunk) hash.update(bytes.subarray(at, at + chunk));
  return hash.digest().toString('hex');
}

/** The definition, word by word: all leaves, then level after level. */
function byDefinition(bytes: Buffer): string {
  const sha256 = (data: Buffer) => createHash('sha256').update(data).digest();
  let level: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += MIB)
    level.push(sha256(bytes.subarray(at, at + MIB)));
  while (level.length > 1) {
    const next: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const pair = level.slice(i, i + 2);
      next.push(pair.length === 2 ? sha256(Buffer.concat(pair)) : (pair[0] as Buffer));
    }
    level = next;
  }
  return level[0]?.toString('hex') ?? '';
}

describe('the tree hash', () => {
  // What the AWS SDKs and other Glacier clients are tested with: so many letters a.
  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [MIB, '9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360'],
    [2 * MIB, '560c2c9333c719cb00cfdffee3ba293db17f58743cdd1f7e4055373ae6300afa'],
    [3 * MIB, '70239f4f2ead7561f69d48b956b547edef52a1280a93c262c0b582190be7db17'],
    [4 * MIB, '9491cb2ed1d4e7cd53215f4017c23ec4ad21d7050a1e6bb636c4f67e8cddb844'],
    [4 * MIB + 20, '12f3cbd6101b981cde074039f6f728071da8879d6f632de8afc7cdf00661b08f'],
  ])('of %i letters is known', (length, hash) => {
    expect(treeHash(Buffer.alloc(length, 'a'))).toBe(hash);
  });

  test('is what its definition says, however the bytes arrive', () => {
    for (const length of [1, MIB - 1, MIB + 1, 5 * MIB, 6 * MIB + 7, 7 * MIB, 11 * MIB + 1]) {
      const bytes = seededBytes(length, length);
      const hash = byDefinition(bytes);
      for (const chunk of [length, MIB, 700_001, 3 * MIB])
        expect(treeHash(bytes, chunk)).toBe(hash);
    }
  });
});
