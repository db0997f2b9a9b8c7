import { closeSync, openSync, renameSync } from 'node:fs';
import { printableKey } from '../../domain/report.ts';
import { writeAll } from '../../files/file-access.ts';
import { readMeta } from '../../volume/catalog/record-metadata.ts';
import type { PageLine } from '../../volume/catalog/seal-lines.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';

export const PROVENANCE_FILE = 'provenance.jsonl';

/**
 * Writes which objects of a volume were made of which, by which steps: a line of JSON for each, in the order of the
 * catalog. `kept` are originals whose step failed. Damaged pages are to be left out of `pages`.
 */
export function writeProvenance(spec: VolumeSpec, pages: readonly PageLine[], path: string): void {
  const volume = openVolume(spec);
  const fd = openSync(`${path}.tmp`, 'w', 0o600);
  try {
    for (const { page, replaced } of pages) {
      const lines: string[] = [];
      for (const record of countedIn(volume.readPage(page), replaced)) {
        const meta = record.meta && readMeta(record);
        // An original that was kept beside what was made of it is nothing but itself.
        if (!meta?.kept && !meta?.steps?.length) continue;
        const { work: _, listed: __, source, ...told } = meta;
        const from = source && { source: { ...source, mtimeNs: String(source.mtimeNs) } };
        const { bytes, sha256 } = record;
        const made = { key: printableKey(record.key), bytes, sha256: sha256.toString('hex') };
        lines.push(`${JSON.stringify({ ...made, ...from, ...told })}\n`);
      }
      writeAll(fd, Buffer.from(lines.join('')));
    }
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.tmp`, path);
}
