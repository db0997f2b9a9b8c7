import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { decompress } from 'fzstd';
import { parquetMetadata } from 'hyparquet';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../domain/processing.ts';
import { runSample, type Sampled } from '../sample.ts';

const SAMPLE = new URL('../../../agent/examples/sample/', import.meta.url);
const real = (name: string): Buffer => readFileSync(fileURLToPath(new URL(name, SAMPLE)));

/** What steps make of one object: how it went, and the bytes by key. */
async function made(
  steps: object[],
  key: string,
  content: Buffer,
): Promise<{ sampled: Sampled | undefined; out: Map<string, Buffer> }> {
  const pieces = new Map<string, Buffer[]>();
  const body = (async function* () {
    // Odd pieces, so that nothing depends on where one ends.
    for (let at = 0; at < content.length; at += 7001) yield content.subarray(at, at + 7001);
  })();
  const objects = (async function* () {
    yield { key, bytes: content.length, mtimeNs: 0n, body };
  })();
  const onChunk = (name: string, chunk: Uint8Array) =>
    pieces.set(name, [...(pieces.get(name) ?? []), Buffer.from(chunk)]);
  const plan = checkPlan({ steps });
  const results: Sampled[] = [];
  for await (const one of runSample({ plan, network: false, onChunk }, objects)) results.push(one);
  const out = new Map([...pieces].map(([name, chunks]) => [name, Buffer.concat(chunks)]));
  return { sampled: results[0], out };
}

const only = async (steps: object[], key: string, content: Buffer): Promise<Buffer> => {
  const { sampled, out } = await made(steps, key, content);
  expect(sampled?.detail).toBeUndefined();
  expect(out.size).toBe(1);
  return [...out.values()][0] ?? Buffer.alloc(0);
};

const zones = real('zones.csv');
const rowsOf = (csv: Buffer): unknown[] => parse(csv, { columns: true, bom: true });

describe('on real files', () => {
  test('gzip and Zstandard give what other programs unpack, and unpack it themselves', async () => {
    const gz = await only([{ step: 'gzip', level: 9 }], 'zones.csv', zones);
    expect(gunzipSync(gz).equals(zones)).toBe(true);
    expect((await only([{ step: 'gunzip' }], 'zones.csv.gz', gz)).equals(zones)).toBe(true);
    const zst = await only([{ step: 'zstd', level: 19 }], 'zones.csv', zones);
    expect(zst.length).toBeLessThan(zones.length / 2);
    expect(Buffer.from(decompress(zst)).equals(zones)).toBe(true);
    expect((await only([{ step: 'unzstd' }], 'zones.csv.zst', zst)).equals(zones)).toBe(true);
    const { sampled } = await made([{ step: 'unzstd' }], 'cut.zst', zst.subarray(0, 200));
    expect(sampled).toMatchObject({ outcome: 'failed' });
  });

  test('a table is the same after CSV, Parquet, JSON Lines and CSV again', async () => {
    const convert = (from: string, to: string) => [{ step: 'convert', from, to, types: 'text' }];
    const parquet = await only(convert('csv', 'parquet'), 'zones.csv', zones);
    const file = new Uint8Array(parquet).buffer;
    const { num_rows: rows, schema } = parquetMetadata(file);
    expect(Number(rows)).toBe(rowsOf(zones).length);
    expect(schema.slice(1).map(({ name }) => name)).toEqual(Object.keys(rowsOf(zones)[0] ?? {}));
    const lines = await only(convert('parquet', 'jsonl'), 'zones.parquet', parquet);
    const objects = lines
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(objects).toEqual(rowsOf(zones));
    const csv = await only(convert('jsonl', 'csv'), 'zones.jsonl', lines);
    expect(rowsOf(csv)).toEqual(rowsOf(zones));
  });

  test('a table of long rows is passed on in small groups', async () => {
    const long = 'x'.repeat(5_000_000);
    const lines = Array.from({ length: 9 }, (_, i) => `${JSON.stringify({ i, long })}\n`).join('');
    const steps = [{ step: 'convert', from: 'jsonl', to: 'parquet' }];
    const parquet = await only(steps, 'a.jsonl', Buffer.from(lines));
    const { row_groups: groups } = parquetMetadata(new Uint8Array(parquet).buffer);
    expect(groups.map((group) => Number(group.num_rows))).toEqual([7, 2]);
    const back = [{ step: 'convert', from: 'parquet', to: 'jsonl' }];
    expect((await only(back, 'a.parquet', parquet)).toString()).toBe(lines);
  });

  test('redaction takes out what it finds, and nothing else', async () => {
    const text = real('notes/access.txt');
    const patterns = [{ pattern: '\\d{1,3}(\\.\\d{1,3}){3}', replacement: '[$1]\\' }];
    const redacted = await only([{ step: 'redact', patterns }], 'access.txt', text);
    const expected = text.toString().replace(/\d{1,3}(\.\d{1,3}){3}/g, () => '[$1]\\');
    expect(redacted.toString()).toBe(expected);
    expect(expected).not.toBe(text.toString());
    const binary = Buffer.from([0xff, 0xfe, 0x0a, 0x80]);
    expect((await only([{ step: 'redact', patterns }], 'b.txt', binary)).equals(binary)).toBe(true);
  });

  test('a checksum list is what sha256sum reads', async () => {
    const photo = real('pictures/job-page.jpg');
    const digest = createHash('sha256').update(photo).digest('hex');
    const line = `\\${digest}  a\\\\b.jpg\n`;
    const { out } = await made([{ step: 'checksums' }], 'a\\b.jpg', photo);
    expect([...out].map(([key, bytes]) => [key, bytes.toString()])).toEqual([
      ['a\\b.jpg.sha256', line],
      ['SHA256SUMS', line],
    ]);
  });

  test('a thumbnail is a picture of the size asked for; what is no picture has failed', async () => {
    const steps = [{ step: 'thumbnail', width: 64, height: 64, format: 'png' }];
    const { sampled, out } = await made(steps, 'p/job-page.jpg', real('pictures/job-page.jpg'));
    expect(sampled?.made).toMatchObject([{ key: 'p/job-page-64.png', contentType: 'image/png' }]);
    const { width = 0, height = 0, format } = await sharp(out.get('p/job-page-64.png')).metadata();
    expect({ longest: Math.max(width, height), format }).toEqual({ longest: 64, format: 'png' });
    expect((await made(steps, 'no.jpg', zones)).sampled).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('thumbnail: '),
    });
  });
});
