import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createBucket } from '../../stores/directory/directory-store.ts';
import { openStore } from '../../stores/open.ts';
import { filesBelow } from './compare-trees.ts';

/** Puts every regular file of a directory into a bucket of a directory store: what an export has to fetch. */
export async function fillBucket(source: string, root: string, bucket: string): Promise<void> {
  createBucket(root, bucket);
  const store = openStore({ kind: 'directory', root, bucket });
  const buffer = Buffer.alloc(1024 * 1024);
  for (const path of filesBelow(source)) {
    const key = Buffer.from(path, 'latin1');
    if (path.endsWith('/')) {
      const folder = await store.put({ key, bytes: 0, mtimeNs: 0n, mode: 0o755 });
      await folder.commit();
      continue;
    }
    const fd = openSync(Buffer.concat([Buffer.from(`${source}/`), key]), 'r');
    try {
      const { size, mtimeNs, mode } = fstatSync(fd, { bigint: true });
      const permissions = Number(mode) & 0o777;
      const object = { key, bytes: Number(size), mtimeNs, mode: permissions };
      const writer = await store.put(object);
      for (;;) {
        const length = readSync(fd, buffer, 0, buffer.length, null);
        if (length === 0) break;
        await writer.write(buffer.subarray(0, length));
      }
      await writer.commit();
    } finally {
      closeSync(fd);
    }
  }
  await store.flush();
  await store.close();
}
