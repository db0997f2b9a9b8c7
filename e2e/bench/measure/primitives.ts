import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeFileSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { GB, MB, MiB } from '../../../lib/domain/sizes.ts';

/**
 * What a sealed load cannot do without, by itself in one thread: reading, both checksums, encryption, writing. Their
 * sum is the floor under every time in the tables, whatever the program around it does.
 */

const BYTES = 256 * MiB;
const RUNS = 4;
const FRAME = MiB;
/** As the volume's writer cuts its frames. */
const PIECE = 64 * 1024;

/** Seconds of processor time for a byte, by name, measured in a directory. */
export function measurePrimitives(dir: string): Record<string, number> {
  const frame = randomBytes(FRAME);
  const path = join(dir, 'primitives');
  const each = (work: (at: number) => void) => {
    for (let at = 0; at < BYTES; at += FRAME) work(at);
  };
  const key = randomBytes(32);
  const pieces = Array.from({ length: FRAME / PIECE }, (_, i) =>
    frame.subarray(i * PIECE, (i + 1) * PIECE),
  );
  const works: Record<string, () => void> = {
    'SHA-256': () => {
      const sha256 = createHash('sha256');
      each(() => sha256.update(frame));
      sha256.digest();
    },
    'CRC-32': () => each((at) => crc32(frame, at)),
    'AES-256-GCM': () =>
      each((at) => {
        const nonce = Buffer.alloc(12);
        nonce.writeUInt32BE(at);
        const cipher = createCipheriv('aes-256-gcm', key, nonce);
        for (const piece of pieces) cipher.update(piece);
        cipher.final();
      }),
    writing: () => {
      const fd = openSync(path, 'w');
      each(() => writevSync(fd, pieces));
      closeSync(fd);
    },
    reading: () => {
      const fd = openSync(path, 'r');
      each(() => readSync(fd, frame, 0, FRAME, null));
      closeSync(fd);
    },
  };
  try {
    writeFileSync(path, '');
    return Object.fromEntries(
      Object.entries(works).map(([name, work]) => [name, processorSeconds(work) / BYTES]),
    );
  } finally {
    rmSync(path, { force: true });
  }
}

/** The fastest of some runs: what memory that is new to the machine costs besides is no part of a floor. */
function processorSeconds(work: () => void): number {
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return Math.min(...runs);
}

/** What was measured, and what it means for a gigabyte. */
export function primitivesLine(secondsAByte: Record<string, number>, cores: number): string {
  const rates = Object.entries(secondsAByte).map(
    ([name, seconds]) => `${name} ${(1 / seconds / MB).toFixed(0)} MB/s`,
  );
  const sum = Object.values(secondsAByte).reduce((a, b) => a + b, 0) * GB;
  return `one thread by itself: ${rates.join(', ')}; together ${sum.toFixed(2)} s a GB, on ${cores} cores about ${(sum / cores).toFixed(2)} s a GB`;
}
