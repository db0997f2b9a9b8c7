import { readFileSync, statSync } from 'node:fs';
import { type ErrorCode, WaybillError } from '../../lib/domain/errors.ts';
import { MiB } from '../../lib/domain/sizes.ts';

/** A file named by mistake, such as a disk's image, is not read into memory. */
const BYTES_MAX = 16 * MiB;
const STDIN = 0;

/**
 * Reads a file that somebody named on the command line; `-` is standard input. Throws `code` (Usage by itself)
 * when it cannot be read or has more than `bytesMax` bytes.
 */
export function readGiven(
  path: string,
  { bytesMax = BYTES_MAX, code = 'Usage' }: { bytesMax?: number; code?: ErrorCode } = {},
): Buffer<ArrayBuffer> {
  try {
    if (path === '-') return readFileSync(STDIN);
    if (statSync(path).size <= bytesMax) return readFileSync(path);
  } catch (error) {
    throw new WaybillError(code, { detail: `${path} cannot be read` }, { cause: error });
  }
  throw new WaybillError(code, { detail: `${path} is too large` });
}
