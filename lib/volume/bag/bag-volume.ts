import { createHash } from 'node:crypto';
import { closeSync, fsyncSync } from 'node:fs';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { onDevice } from '../../files/durable.ts';
import { errnoOf } from '../../files/errno.ts';
import { writeAll } from '../../files/file-access.ts';
import { openDirectoryStore } from '../../stores/directory/directory-store.ts';
import { TEMPORARY_DIR } from '../../stores/local/temporary-folder.ts';
import type { Store } from '../../stores/store.ts';
import {
  decodePage,
  endOfPage,
  type OpenPage,
  openPage,
  type Page,
  type PageSummary,
  type StreamedPage,
  summarizePage,
  withPageErrors,
} from '../catalog/page.ts';
import type { ObjectRecord } from '../catalog/records.ts';
import { readStart } from '../copies.ts';
import { type FrameBuffers, oneFrame } from '../frame-buffers.ts';
import { KeyTable } from '../index/key-table.ts';
import type { Label } from '../label.ts';
import {
  CATALOG_DIR,
  FACTS_PATH,
  LABEL_PATH,
  LAYOUT_1,
  PAGE_BYTES_MAX,
  pagePath,
  SEAL_BYTES_MAX,
  SEAL_PATH,
  VOLUME_DIR,
} from '../layout.ts';
import type { Damage, PageFile, Probed, Volume, VolumeReader, VolumeWriter } from '../volume.ts';
import { comparePage, fileDigest, numbersIn, trimFiles } from '../volume-files.ts';
import { BAGIT_TXT, bagInfo, manifestLine, PAYLOAD_DIR } from './tags.ts';
import { BagReader, BagWriter } from './writer.ts';

/** A payload file is read whole to be proved: of those that are looked at, none is larger. */
const PROBED_BYTES_MAX = 64 * 1024 * 1024;
/** From how many of a page's objects those are chosen. */
const PROBED_OF = 10_000;

/** The plain volume: a BagIt bag (RFC 8493) whose catalog and seal are tag files. */
export class BagVolume implements Volume {
  readonly kind = 'bag';
  readonly #device: DeviceFiles;
  readonly #label: Label;
  /** Pages that were found to have bytes behind their end. */
  readonly #longer = new Set<number>();
  #payload: Store | undefined;
  /** For checking one file after the other. */
  #buffer: Buffer | undefined;

  constructor(deviceDir: string, label: Label) {
    this.#device = new DeviceFiles(deviceDir);
    this.#label = label;
  }

  pageNumbers(): number[] {
    return numbersIn(this.#device, CATALOG_DIR, 'cat');
  }

  readPage(number: number): Page {
    return this.#page(number, decodePage);
  }

  openPage(number: number): OpenPage {
    return withPageErrors(this.#page(number, openPage));
  }

  summarizePage(number: number): PageSummary {
    return this.#page(number, summarizePage);
  }

  #page<T>(number: number, read: (bytes: Buffer, number: number) => T): T {
    try {
      return read(this.#openPage(number), number);
    } catch (error) {
      if (!isWaybillError(error, 'VolumeInvalid')) throw error;
      throw new WaybillError('PageDamaged', { page: number }, { cause: error });
    }
  }

  /** A page as it says it is; what lies behind its end does not count. */
  #openPage(number: number): Buffer {
    const start = readStart(this.#device, pagePath(number), PAGE_BYTES_MAX);
    if (!start) throw new WaybillError('VolumeInvalid', { detail: `page ${number} is missing` });
    const end = endOfPage(start, LAYOUT_1);
    const size = this.#device.entry(pagePath(number))?.bytes ?? 0;
    if (size > end && end <= start.length) this.#longer.add(number);
    return start.subarray(0, end);
  }

  pageFile(number: number): PageFile {
    return this.#page(number, (page) => ({
      digest: createHash('sha256').update(page).digest('hex'),
      bytes: page.length,
    }));
  }

  comparePage(number: number, digest: string): 'same' | 'longer' | 'other' {
    return comparePage(digest, {
      whole: () => fileDigest(this.#device, pagePath(number), { bytesMax: PAGE_BYTES_MAX }),
      cut: () => this.pageFile(number).digest,
    });
  }

  trim(number: number): string[] {
    const { bytes } = this.pageFile(number);
    return trimFiles(this.#device, [{ path: pagePath(number), bytes }]);
  }

  writer(nextNumber: () => number, frames: FrameBuffers = oneFrame()): VolumeWriter {
    const publishPage = (number: number, page: Buffer) => {
      this.#device.makeFolder(CATALOG_DIR);
      this.#device.publish(pagePath(number), page);
    };
    return new BagWriter(this.#storeToWrite(), publishPage, nextNumber, frames);
  }

  reader(): VolumeReader {
    return new BagReader(this.#store(), (key) => this.#whatIsAt(key));
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
    if (this.#longer.has(page.number)) return false;
    for (const record of page.records) {
      const isFolder = record.kind === 'directory';
      const entry = this.#device.entry(
        payloadPath(isFolder ? withoutSlash(record.key) : record.key),
      );
      if (entry?.kind !== (isFolder ? 'folder' : 'file')) return false;
      if (!isFolder && entry.bytes !== record.bytes) return false;
    }
    return true;
  }

  probe(_number: number, page: StreamedPage | undefined, pieces: number): Probed {
    if (!page) return 'damaged';
    const few: ObjectRecord[] = [];
    for (const record of page.records) {
      if (record.kind !== 'file') continue;
      const entry = this.#device.entry(payloadPath(record.key));
      if (entry?.kind !== 'file' || entry.bytes < record.bytes) return 'missing';
      if (record.bytes <= PROBED_BYTES_MAX && few.length < PROBED_OF)
        few.push({ ...record, key: Buffer.from(record.key), sha256: Buffer.from(record.sha256) });
    }
    for (let i = 0; i < Math.min(pieces, few.length); i += 1) {
      const record = few[Math.floor(Math.random() * few.length)] as ObjectRecord & { kind: 'file' };
      if (!this.#digestOf(record, () => undefined)?.equals(record.sha256)) return 'damaged';
    }
    return 'sound';
  }

  dropPage(number: number): void {
    this.#device.unpublish(pagePath(number));
  }

  cleanUp(): void {
    this.#device.removeTemporaries(VOLUME_DIR);
    this.#device.removeTemporaries(CATALOG_DIR);
    this.#removePayloadTemporaries();
  }

  readFacts(): Buffer | undefined {
    return this.#device.entry(FACTS_PATH) ? this.#read(FACTS_PATH, SEAL_BYTES_MAX) : undefined;
  }

  writeFacts(content: Buffer): void {
    this.#device.publish(FACTS_PATH, content);
  }

  openSealBody(sealed: Buffer): Buffer {
    return sealed;
  }

  writeSealBody(content: Buffer, pages: Iterable<Page>): Buffer {
    this.#device.makeFolder(PAYLOAD_DIR);
    const totals = onDevice(this.#device.root, () => this.#writeManifest(pages));
    this.#device.publish('bagit.txt', BAGIT_TXT);
    const { jobId, deviceId } = this.#label;
    const agent = 'Waybill (waybill-volume/1)';
    const date = new Date().toISOString();
    this.#device.publish('bag-info.txt', bagInfo({ jobId, deviceId, date, agent, ...totals }));
    this.#device.publish(SEAL_PATH, content);
    this.#device.unpublish(FACTS_PATH);
    this.#writeTagManifest();
    return content;
  }

  bytesNeeded(objects: number, bytes: number): number {
    // Files take whole blocks of the device's file system.
    return bytes + objects * (this.#device.blockBytes() / 2 + 256) + 1024 * 1024;
  }

  /** Payload manifest; payload files that no record names (a run that was killed) are removed. */
  #writeManifest(pages: Iterable<Page>): { objects: number; bytes: number } {
    const keys = new KeyTable();
    const totals = { objects: 0, bytes: 0 };
    const fd = this.#device.createTemporary(MANIFEST);
    try {
      for (const page of pages) {
        const lines: string[] = [];
        for (const record of page.records) {
          keys.add(record.key);
          if (record.kind !== 'file') continue;
          totals.objects += 1;
          totals.bytes += record.bytes;
          const path = `${PAYLOAD_DIR}/${record.key.toString('utf8')}`;
          lines.push(manifestLine(record.sha256.toString('hex'), path));
        }
        writeAll(fd, Buffer.from(lines.join('')));
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.#removePayloadTemporaries();
    this.#removeUnlisted(keys);
    this.#device.publishTemporary(MANIFEST);
    return totals;
  }

  #removeUnlisted(keys: KeyTable): void {
    for (const { path, kind } of this.#device.walk(PAYLOAD_DIR)) {
      const key = path.subarray(PAYLOAD_DIR.length + 1);
      if (kind !== 'folder') {
        if (!keys.has(key)) this.#device.remove(path);
      } else if (!keys.has(Buffer.concat([key, SLASH]))) this.#device.removeIfEmpty(path);
    }
  }

  #writeTagManifest(): void {
    const pages = this.pageNumbers().map(pagePath);
    const tags = ['bag-info.txt', 'bagit.txt', MANIFEST, LABEL_PATH, SEAL_PATH, ...pages];
    const digestOf = (tag: string) =>
      fileDigest(this.#device, tag, { bytesMax: Number.MAX_SAFE_INTEGER });
    const lines = tags.map((tag) => manifestLine(digestOf(tag), tag));
    this.#device.publish('tagmanifest-sha256.txt', lines.join(''));
  }

  #removePayloadTemporaries(): void {
    this.#device.remove(`${PAYLOAD_DIR}/${TEMPORARY_DIR}`);
    this.#payload = undefined;
  }

  /** SHA-256 of a payload file; undefined when it is missing, shorter, longer or not a file. */
  #digestOf(record: ObjectRecord, onBytes: (bytes: number) => void): Buffer | undefined {
    const sha256 = createHash('sha256');
    let bytes = 0;
    try {
      // A file may claim any size: that is looked at before its bytes.
      if (this.#device.entry(payloadPath(record.key))?.bytes !== record.bytes) return undefined;
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

  /** For people: what lies in the place of an object's file. */
  #whatIsAt(key: Buffer): string {
    try {
      return FOUND[this.#device.entry(payloadPath(key))?.kind ?? 'nothing'];
    } catch (error) {
      if (!isWaybillError(error, 'DeviceHostile', 'DeviceIo')) throw error;
      return 'a link, or something else that is no folder, on the way to the place';
    }
  }

  /** As `#store`, with the payload's folder made if it is missing. */
  #storeToWrite(): Store {
    this.#device.makeFolder(PAYLOAD_DIR);
    return this.#store();
  }

  #store(): Store {
    // Throws DeviceHostile for a link in its place; one that is missing holds nothing.
    for (const _ of this.#device.entries(PAYLOAD_DIR)) break;
    this.#payload ??= openDirectoryStore({
      kind: 'directory',
      root: this.#device.root,
      bucket: PAYLOAD_DIR,
      isOneFileSystem: true,
    });
    return this.#payload;
  }

  #read(path: string, bytesMax: number): Buffer {
    const content = this.#device.read(path, bytesMax);
    if (content) return content;
    throw new WaybillError('VolumeInvalid', { detail: `${path} is missing or too large` });
  }
}

const FOUND = {
  nothing: 'nothing',
  file: 'another file',
  folder: 'a folder',
  link: 'a symbolic link',
  other: 'a pipe, a socket or a device node',
};
const MANIFEST = 'manifest-sha256.txt';
const SLASH = Buffer.from('/');

const payloadPath = (key: Buffer): Buffer => Buffer.concat([Buffer.from(`${PAYLOAD_DIR}/`), key]);
const withoutSlash = (key: Buffer): Buffer => key.subarray(0, -1);
