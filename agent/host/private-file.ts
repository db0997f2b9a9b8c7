import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';

/**
 * Writes a file for its owner alone (mode 0600), whole or not at all. Throws Usage when it exists and is not
 * to be replaced, or cannot be written.
 */
export async function writePrivate(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  { replace = false, makeFolder = false }: { replace?: boolean; makeFolder?: boolean } = {},
): Promise<void> {
  refuseExisting(path, replace);
  if (makeFolder) await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      const parts = content instanceof Uint8Array ? [content] : content;
      // Each call goes on where the last one ended.
      for await (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    refuseExisting(path, replace);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Error && 'path' in error) {
      const detail = `${path} cannot be written: ${'code' in error ? error.code : error.message}`;
      throw new WaybillError('Usage', { detail }, { cause: error });
    }
    throw error;
  }
}

/** Throws Usage when the file is there and is not to be replaced. */
export function refuseExisting(path: string, replace: boolean): void {
  if (!replace && existsSync(path)) {
    throw new WaybillError('Usage', { detail: `${path} exists; --force replaces it` });
  }
}
