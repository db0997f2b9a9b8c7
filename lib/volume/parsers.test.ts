import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsers } from '../testing/torture/parsers/parsers.ts';
import { decodePage, encodePage, NO_SEGMENT, openPage } from './catalog/page.ts';
import type { CatalogRecord, Extent } from './catalog/records.ts';
import { encodeLines, readLoadFacts, readSealLines } from './catalog/seal-lines.ts';
import { LAYOUT_1, LAYOUT_2, SEGMENT_BYTES_MAX } from './layout.ts';

test(parsers.about, async () => {
  const counts = await parsers.run({ seed: 1, rounds: 10, say: () => undefined });
  expect(counts.refused).toBeGreaterThan(2500);
  expect(counts.accepted).toBeGreaterThan(250);
});

const bytesOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
const segmentName = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => Buffer.from(bytes.map((b) => (b === 0 || b === 0x2f || b === 0x2e ? 0x61 : b))));
const pathKey = fc
  .array(segmentName, { minLength: 1, maxLength: 4 })
  .map((parts) => Buffer.concat(parts.flatMap((p, i) => (i > 0 ? [Buffer.from('/'), p] : [p]))));
const extent: fc.Arbitrary<Extent> = fc
  .tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.nat(SEGMENT_BYTES_MAX), fc.nat())
  .map(([segment, offset, n]) => ({
    segment,
    offset,
    length: n % (SEGMENT_BYTES_MAX - offset + 1),
  }));
const base = {
  mode: fc.nat(0o7777),
  mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  extents: fc.array(extent, { maxLength: 5 }),
  crc32: fc.nat(0xffffffff),
};
const meta = fc.option(fc.dictionary(fc.string(), fc.jsonValue()), { nil: undefined });
const plainMeta = meta.map((m) => (m ? (JSON.parse(JSON.stringify(m)) as typeof m) : m));
const record: fc.Arbitrary<CatalogRecord> = fc.oneof(
  fc.record({
    ...base,
    kind: fc.constant('file' as const),
    key: pathKey,
    bytes: fc.maxSafeNat(),
    sha256: bytesOf(32),
    replaces: fc.boolean(),
    meta: plainMeta,
  }),
  fc.record({
    ...base,
    kind: fc.constant('directory' as const),
    bytes: fc.constant(0),
    sha256: bytesOf(32),
    replaces: fc.boolean(),
    meta: fc.constant(undefined),
    key: pathKey.map((key) => Buffer.concat([key, Buffer.from('/')])),
  }),
  fc.record({
    ...base,
    kind: fc.constant('part' as const),
    key: pathKey,
    bytes: fc.maxSafeNat(),
    start: fc.maxSafeNat(),
  }),
);

/** What only the second format can say: keys of any bytes, pieces of zeros, times of any file system. */
const anyKey = fc.uint8Array({ minLength: 1, maxLength: 4096 }).map((bytes) => Buffer.from(bytes));
const hole = fc.maxSafeNat().map((length): Extent => ({ segment: 0, offset: 0, length }));
const wide = {
  mode: fc.nat(0o7777),
  mtimeNs: fc.bigInt({ min: -(2n ** 63n) * 10n ** 9n, max: 2n ** 63n * 10n ** 9n - 1n }),
  extents: fc.array(fc.oneof(extent, hole), { maxLength: 5 }),
  crc32: fc.nat(0xffffffff),
};
const record2: fc.Arbitrary<CatalogRecord> = fc.oneof(
  fc.record({
    ...wide,
    kind: fc.constantFrom('file' as const, 'other' as const),
    key: anyKey,
    sha256: bytesOf(32),
    replaces: fc.boolean(),
    bytes: fc.maxSafeNat(),
    meta: plainMeta,
  }),
  fc.record({
    ...wide,
    kind: fc.constant('directory' as const),
    bytes: fc.constant(0),
    sha256: bytesOf(32),
    replaces: fc.boolean(),
    meta: plainMeta,
    key: anyKey.map((key) => Buffer.concat([key.subarray(1), Buffer.from('/')])),
  }),
  fc.record({
    ...wide,
    kind: fc.constant('part' as const),
    key: anyKey,
    bytes: fc.maxSafeNat(),
    start: fc.maxSafeNat(),
  }),
);

describe('what is written is read again', () => {
  test('a page', () => {
    const number = fc.integer({ min: 1, max: 999_999_999 });
    const segment = fc.record({
      bytes: fc.maxSafeNat(),
      frames: fc.nat(0xffffffff),
      digest: bytesOf(32),
    });
    fc.assert(
      fc.property(number, segment, fc.array(record, { maxLength: 8 }), (n, facts, records) => {
        const page = { number: n, segment: facts, records };
        expect(decodePage(encodePage(page), n)).toEqual(page);
      }),
      { numRuns: 200 },
    );
  });

  test('a page of the second format, and from outside', () => {
    const number = fc.integer({ min: 1, max: 999_999_999 });
    const records = fc.array(record2, { maxLength: 8 });
    fc.assert(
      fc.property(number, records, (n, all) => {
        const page = { number: n, segment: NO_SEGMENT, records: all };
        const bytes = encodePage(page, LAYOUT_2);
        expect(decodePage(bytes, n, LAYOUT_2)).toEqual(page);
        const views = [...openPage(bytes, n, LAYOUT_2).recordViews];
        expect(views.map((view) => view.mtimeNs)).toEqual(all.map((r) => r.mtimeNs));
        expect(views.map((view) => view.read())).toEqual(all);
        expect(() => decodePage(bytes, n, LAYOUT_1)).toThrow(/is no page/);
      }),
      { numRuns: 200 },
    );
  });

  test('a seal and the facts of a load', () => {
    const text = fc.string({ maxLength: 50, unit: 'binary' });
    const count = fc.maxSafeNat();
    const load = fc.record({
      format: fc.constant('waybill-load/1' as const),
      source: text,
      startedAt: text,
      finishedAt: text,
      skipped: count,
      failed: count,
      agentVersion: text,
    });
    const omitted = fc.record({
      omitted: text,
      code: fc.constant('SymlinkSkipped' as const),
      message: text,
    });
    const hex = bytesOf(32).map((bytes) => bytes.toString('hex'));
    const ascending = fc.uniqueArray(fc.nat(100_000)).map((all) => all.sort((a, b) => a - b));
    const page = fc.record(
      { page: fc.integer({ min: 1 }), digest: hex, segment: hex, replaced: ascending },
      { requiredKeys: ['page', 'digest', 'segment'] },
    );
    const pages = fc
      .uniqueArray(page, { selector: (p) => p.page, maxLength: 6 })
      .map((all) => all.sort((a, b) => a.page - b.page));
    const all = fc.tuple(load, pages, fc.array(omitted), text, count);
    fc.assert(
      fc.property(all, ([facts, lines, left, id, n]) => {
        const summary = {
          format: 'waybill-seal/1',
          jobId: id,
          deviceId: id,
          volumeId: id,
          objects: n,
          bytes: n,
          pages: lines.length,
          sealedAt: id,
          load: facts,
        };
        const seal = encodeLines([summary, ...lines, ...left]);
        expect(readSealLines(seal)).toEqual({ summary, pages: lines, omitted: left });
        const body = encodeLines([facts, ...left]);
        expect(readLoadFacts(body)).toEqual({ facts, omitted: left });
      }),
      { numRuns: 200 },
    );
  });
});
