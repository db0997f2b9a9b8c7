import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { signCms } from '../../../keys/cms.ts';
import { encodePage } from '../../../volume/catalog/page.ts';
import type { CatalogRecord, Extent, ObjectRecord } from '../../../volume/catalog/records.ts';
import { encodeLines } from '../../../volume/catalog/seal-lines.ts';
import { oneFrame } from '../../../volume/frame-buffers.ts';
import {
  CATALOG_DIR,
  pagePath,
  segmentDir,
  segmentPath,
  VOLUME_LAYOUTS,
} from '../../../volume/layout.ts';
import { SealedFileWriter, sealBytes } from '../../../volume/sealed/sealed-file.ts';
import type { VolumeWorld } from '../../volume-world.ts';

/** A page and its segment, as somebody with all keys may make them. */
export interface ForgedPage {
  number: number;
  plaintext: Buffer;
  records: CatalogRecord[];
  /** Changes the page's bytes; its digest is made right afterwards. */
  patch?(page: Buffer): Buffer;
  /** What it says of its segment's size. */
  claims?: number;
}

/** A volume to be forged. `lines` changes what the seal says before it is signed. */
export interface Forgery {
  pages: ForgedPage[];
  lines?(lines: Record<string, unknown>[]): unknown[];
  body?(body: Buffer): Buffer;
}

export const GOOD = Buffer.from('what an honest site would send');

/** An object whose checksums are those of its bytes. */
export function object(
  key: string | Buffer,
  content: Buffer,
  extents: Extent[],
  changes: Partial<ObjectRecord> = {},
): ObjectRecord {
  return {
    kind: 'file',
    key: Buffer.from(key),
    mode: 0o644,
    mtimeNs: 10n ** 18n,
    replaces: false,
    bytes: content.length,
    crc32: crc32(content),
    meta: undefined,
    extents,
    sha256: createHash('sha256').update(content).digest(),
    ...changes,
  };
}

/** An object that is all of its page's segment. */
export function wholeSegment(number: number, key: string | Buffer, content = GOOD): ForgedPage {
  const extents =
    content.length > 0 ? [{ segment: number, offset: 0, length: content.length }] : [];
  return { number, plaintext: content, records: [object(key, content, extents)] };
}

const mended = (page: Buffer): Buffer => {
  const body = page.subarray(0, page.length - 32);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
};

/** Writes a volume that is signed and sealed as the site itself would. */
export function forge(world: VolumeWorld, forgery: Forgery): void {
  const { deviceDir, label, signer } = world;
  const jobKey = world.jobKey ?? Buffer.alloc(32);
  const { format, volumeId, jobId, deviceId } = label;
  const layout = VOLUME_LAYOUTS[format];
  mkdirSync(join(deviceDir, CATALOG_DIR), { recursive: true });
  const lines = forgery.pages.map((forged) => {
    const { number } = forged;
    mkdirSync(join(deviceDir, segmentDir(number)), { recursive: true });
    const fd = openSync(join(deviceDir, segmentPath(number)), 'w');
    const writer = new SealedFileWriter(
      fd,
      jobKey,
      { format, kind: 'segment', number, volumeId },
      oneFrame(),
    );
    writer.write(forged.plaintext);
    const facts = writer.finish();
    closeSync(fd);
    const segment = { ...facts, bytes: forged.claims ?? facts.bytes };
    const made = Buffer.from(encodePage({ number, segment, records: forged.records }, layout));
    const page = forged.patch ? mended(forged.patch(made)) : made;
    const sealed = sealBytes(jobKey, { format, kind: 'page', number, volumeId }, page);
    writeFileSync(join(deviceDir, pagePath(number)), sealed);
    const digest = createHash('sha256').update(sealed).digest('hex');
    return { page: number, digest, segment: facts.digest.toString('hex') };
  });
  const live = forgery.pages.flatMap(({ records }) => records.filter((r) => r.kind !== 'part'));
  const at = new Date().toISOString();
  const summary = {
    format: 'waybill-seal/1',
    jobId,
    deviceId,
    volumeId,
    objects: live.length,
    bytes: live.reduce((sum, r) => sum + r.bytes, 0),
    pages: lines.length,
    sealedAt: at,
    load: {
      format: 'waybill-load/1',
      source: '/',
      startedAt: at,
      finishedAt: at,
      skipped: 0,
      failed: 0,
      agentVersion: 'forged',
    },
  };
  const all = [summary, ...lines];
  const plain = encodeLines(forgery.lines ? forgery.lines(all) : all);
  const body = forgery.body ? forgery.body(plain) : plain;
  const content = sealBytes(jobKey, { format, kind: 'seal', number: 0, volumeId }, body);
  writeFileSync(join(deviceDir, 'waybill/seal.bin'), content);
  const der = signCms({ content, ...signer, detached: true, now: new Date() });
  writeFileSync(join(deviceDir, 'waybill/seal.cms'), der);
}
