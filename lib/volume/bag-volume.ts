import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { makeDir, onDevice, publish, removeTemporaries, unpublish } from '../files/durable.ts';
import { errnoOf } from '../files/errno.ts';
import { writeAll } from '../files/file-access.ts';
import { syncPath } from '../files/sync.ts';
import { openDirectoryStore } from '../stores/directory.ts';
import type { Store } from '../stores/store.ts';
import { BAGIT_TXT, bagInfo, manifestLine, PAYLOAD_DIR } from './bag-tags.ts';
import { BagReader, BagWriter } from './bag-writer.ts';
import { KeyTable } from './key-table.ts';
import type { Label } from './label.ts';
import {
  CATALOG_DIR,
  FACTS_PATH,
  LABEL_PATH,
  PAGE_BYTES_MAX,
  pagePath,
  SEAL_BYTES_MAX,
  SEAL_PATH,
} from './layout.ts';
import {
  decodePage,
  type OpenPage,
  openPage,
  type Page,
  type PageSummary,
  type StreamedPage,
  skimPage,
  withPageErrors,
} from './page.ts';
import type { ObjectRecord } from './records.ts';
import { type FrameBuffers, oneFrame } from './sealed-file.ts';
import { fileDigest, numbersIn } from './sealed-volume.ts';
import type { Damage, Volume, VolumeReader, VolumeWriter } from './volume.ts';

/** The plain volume: a BagIt bag (RFC 8493) whose catalog and seal are tag files. */
export class BagVolume implements Volume {
  readonly kind = 'bag';
  readonly #dir: string;
  readonly #label: Label;
  #payload: Store | undefined;
  /** For checking one file after the other. */
  #buffer: Buffer | undefined;

  constructor(deviceDir: string, label: Label) {
    this.#dir = deviceDir;
    this.#label = label;
  }

  pageNumbers(): number[] {
    return numbersIn(join(this.#dir, CATALOG_DIR), 'cat');
  }

  readPage(number: number): Page {
    return this.#page(number, decodePage);
  }

  openPage(number: number): OpenPage {
    return withPageErrors(this.#page(number, openPage));
  }

  skimPage(number: number): PageSummary {
    return this.#page(number, skimPage);
  }

  #page<T>(number: number, read: (bytes: Buffer, number: number) => T): T {
    try {
      return read(this.#read(pagePath(number), PAGE_BYTES_MAX), number);
    } catch (error) {
      if (!isWaybillError(error, 'VolumeInvalid')) throw error;
      throw new WaybillError('PageDamaged', { page: number }, { cause: error });
    }
  }

  pageDigest(number: number): string {
    return fileDigest(join(this.#dir, pagePath(number)), PAGE_BYTES_MAX);
  }

  writer(nextNumber: () => number, frames: FrameBuffers = oneFrame()): VolumeWriter {
    const publishPage = (number: number, page: Buffer) => {
      makeDir(this.#dir, CATALOG_DIR);
      publish(join(this.#dir, pagePath(number)), page);
    };
    return new BagWriter(this.#store(), publishPage, nextNumber, frames);
  }

  reader(): VolumeReader {
    return new BagReader(this.#store());
  }

  check(page: Page, onBytes: (bytes: number) => void): Damage[] {
    const damage: Damage[] = [];
    for (const record of page.records) {
      if (record.kind !== 'file') continue;
      if (this.#digestOf(record, onBytes)?.equals(record.sha256)) continue;
      damage.push({
        segment: page.number,
        from: 0,
        to: record.bytes,
        fileOffset: 0,
        // A copy: the page it lies in would go along to another thread.
        key: Buffer.from(record.key),
      });
    }
    return damage;
  }

  checkSegment(): Damage[] {
    return [];
  }

  hasSegment(page: StreamedPage): boolean {
    for (const record of page.records) {
      const stat = lstatSync(this.#pathOf(record.key), { throwIfNoEntry: false });
      const isThere =
        record.kind === 'directory'
          ? stat?.isDirectory()
          : stat?.isFile() && stat.size === record.bytes;
      if (!isThere) return false;
    }
    return true;
  }

  dropPage(number: number): void {
    onDevice(this.#dir, () => unpublish(join(this.#dir, pagePath(number))));
  }

  cleanUp(): void {
    onDevice(this.#dir, () => {
      removeTemporaries(join(this.#dir, 'waybill'));
      const catalog = join(this.#dir, CATALOG_DIR);
      if (existsSync(catalog)) removeTemporaries(catalog);
      this.#removePayloadTemporaries();
    });
  }

  readFacts(): Buffer | undefined {
    return existsSync(join(this.#dir, FACTS_PATH))
      ? this.#read(FACTS_PATH, SEAL_BYTES_MAX)
      : undefined;
  }

  writeFacts(content: Buffer): void {
    onDevice(this.#dir, () => publish(join(this.#dir, FACTS_PATH), content));
  }

  readSealBody(): Buffer {
    return this.#read(SEAL_PATH, SEAL_BYTES_MAX);
  }

  writeSealBody(content: Buffer, pages: Iterable<Page>): Buffer {
    onDevice(this.#dir, () => {
      makeDir(this.#dir, PAYLOAD_DIR);
      const totals = this.#writeManifest(pages);
      publish(join(this.#dir, 'bagit.txt'), BAGIT_TXT);
      const { jobId, deviceId } = this.#label;
      const agent = 'Waybill (waybill-volume/1)';
      const date = new Date().toISOString();
      publish(
        join(this.#dir, 'bag-info.txt'),
        bagInfo({ jobId, deviceId, date, agent, ...totals }),
      );
      publish(join(this.#dir, SEAL_PATH), content);
      unpublish(join(this.#dir, FACTS_PATH));
      this.#writeTagManifest();
    });
    return content;
  }

  bytesNeeded(objects: number, bytes: number): number {
    // Files take whole blocks of the device's file system.
    return bytes + objects * (statSync(this.#dir).blksize / 2 + 256) + 1024 * 1024;
  }

  /** Payload manifest; payload files that no record names (a run that was killed) are removed. */
  #writeManifest(pages: Iterable<Page>): { objects: number; bytes: number } {
    const keys = new KeyTable();
    const path = join(this.#dir, 'manifest-sha256.txt');
    const totals = { objects: 0, bytes: 0 };
    const fd = openSync(`${path}.tmp`, 'w');
    try {
      for (const page of pages) {
        const lines: string[] = [];
        for (const record of page.records) {
          keys.add(record.key);
          if (record.kind !== 'file') continue;
          totals.objects += 1;
          totals.bytes += record.bytes;
          const payloadPath = `${PAYLOAD_DIR}/${record.key.toString('utf8')}`;
          lines.push(manifestLine(record.sha256.toString('hex'), payloadPath));
        }
        writeAll(fd, Buffer.from(lines.join('')));
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.#removePayloadTemporaries();
    this.#removeUnlisted(Buffer.alloc(0), keys);
    publish(path, readFileSync(`${path}.tmp`));
    rmSync(`${path}.tmp`);
    return totals;
  }

  #removeUnlisted(prefix: Buffer, keys: KeyTable): void {
    for (const entry of readdirSync(this.#pathOf(prefix), {
      withFileTypes: true,
      encoding: 'buffer',
    })) {
      const key = Buffer.concat([prefix, entry.name]);
      if (!entry.isDirectory()) {
        if (!keys.has(key)) rmSync(this.#pathOf(key), { force: true });
        continue;
      }
      const dir = Buffer.concat([key, Buffer.from('/')]);
      this.#removeUnlisted(dir, keys);
      if (!keys.has(dir)) removeIfEmpty(this.#pathOf(dir));
    }
  }

  #writeTagManifest(): void {
    const pages = this.pageNumbers().map(pagePath);
    const tags = [
      'bag-info.txt',
      'bagit.txt',
      'manifest-sha256.txt',
      LABEL_PATH,
      SEAL_PATH,
      ...pages,
    ];
    const lines = tags.map((tag) => {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(this.#dir, tag)))
        .digest('hex');
      return manifestLine(sha256, tag);
    });
    publish(join(this.#dir, 'tagmanifest-sha256.txt'), lines.join(''));
  }

  #removePayloadTemporaries(): void {
    rmSync(join(this.#dir, PAYLOAD_DIR, '.waybill-tmp'), { recursive: true, force: true });
    this.#payload = undefined;
  }

  /** SHA-256 of a payload file; undefined when it is missing, shorter, longer or not a file. */
  #digestOf(record: ObjectRecord, onBytes: (bytes: number) => void): Buffer | undefined {
    const sha256 = createHash('sha256');
    let bytes = 0;
    try {
      const file = this.#store().open(record.key);
      if (file instanceof Promise) return undefined;
      this.#buffer ??= Buffer.allocUnsafeSlow(1024 * 1024);
      const buffer = this.#buffer;
      try {
        for (;;) {
          const got = file.read(buffer, 0, buffer.length);
          if (typeof got !== 'number' || got === 0) break;
          sha256.update(buffer.subarray(0, got));
          bytes += got;
          onBytes(got);
        }
      } finally {
        file.close();
      }
    } catch (error) {
      if (error instanceof WaybillError || errnoOf(error)) return undefined;
      throw error;
    }
    return bytes === record.bytes ? sha256.digest() : undefined;
  }

  #store(): Store {
    if (!this.#payload) {
      makeDir(this.#dir, PAYLOAD_DIR);
      this.#payload = openDirectoryStore({
        kind: 'directory',
        root: this.#dir,
        bucket: PAYLOAD_DIR,
      });
    }
    return this.#payload;
  }

  #pathOf(key: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from(`${join(this.#dir, PAYLOAD_DIR)}/`), key]);
  }

  #read(path: string, bytesMax: number): Buffer {
    const stat = lstatSync(join(this.#dir, path), { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > bytesMax) {
      throw new WaybillError('VolumeInvalid', { detail: `${path} is missing or too large` });
    }
    return readFileSync(join(this.#dir, path));
  }
}

function removeIfEmpty(path: Buffer): void {
  try {
    rmdirSync(path);
    syncPath(join(path.toString(), '..'));
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'ENOENT') throw error;
  }
}
