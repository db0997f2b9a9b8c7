#!/usr/bin/env node
// A reader of sealed volumes written from lib/volume/FORMAT.md alone; it imports nothing of the product.
// usage: read-volume.mjs DEVICE < 64 hex digits of the job key        prints: sha256  size  key
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const device = process.argv[2];
const jobKey = Buffer.from(readFileSync(0, 'utf8').trim(), 'hex');
const FRAME = 1048576;
const { format } = JSON.parse(readFileSync(`${device}/waybill/label.json`, 'utf8'));
const FIXED = { 'waybill-volume/1': 68, 'waybill-volume/2': 72 }[format];
if (!FIXED) throw new Error(`unknown format ${format}`);

function open(path) {
  const file = readFileSync(`${device}/waybill/${path}`);
  const header = file.subarray(0, 64);
  const info = Buffer.concat([Buffer.from(format), header]);
  const key = Buffer.from(hkdfSync('sha256', jobKey, header.subarray(32), info, 32));
  const pieces = [];
  for (let at = 64, i = 0; at < file.length; at += FRAME + 16, i += 1) {
    const frame = file.subarray(at, at + FRAME + 16);
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(i, 7);
    nonce[11] = at + FRAME + 16 >= file.length ? 1 : 0;
    const gcm = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(frame.subarray(-16));
    pieces.push(gcm.update(frame.subarray(0, -16)), gcm.final());
  }
  return Buffer.concat(pieces);
}

const six = (n) => String(n).padStart(6, '0');
const segments = new Map();
function segment(n) {
  if (!segments.has(n))
    segments.set(n, open(`segments/${six(Math.floor(n / 1000))}/${six(n)}.seg`));
  return segments.get(n);
}

const objects = new Map();
for (const name of readdirSync(`${device}/waybill/catalog`).sort()) {
  const page = open(`catalog/${name}`);
  for (let at = 64, left = page.readUInt32BE(12); left > 0; left -= 1) {
    const keyLength = page.readUInt16BE(at + 2);
    const extents = page.readUInt32BE(at + 60);
    const first = at + FIXED + keyLength;
    const bytes = Array.from({ length: extents }, (_, i) => {
      const from = Number(page.readBigUInt64BE(first + 20 * i + 4));
      const length = Number(page.readBigUInt64BE(first + 20 * i + 12));
      const n = page.readUInt32BE(first + 20 * i);
      return n === 0 ? Buffer.alloc(length) : segment(n).subarray(from, from + length);
    });
    const key = page.toString('latin1', at + FIXED, first);
    const sha256 = page.toString('hex', at + 28, at + 60);
    if (page[at] !== 3) objects.set(key, { kind: page[at], sha256, content: Buffer.concat(bytes) });
    else if (page[at + 1] & 1) objects.delete(key);
    at = first + 20 * extents + page.readUInt32BE(at + 64);
  }
}
for (const [key, { kind, sha256, content }] of objects) {
  const digest = createHash('sha256').update(content).digest('hex');
  if (kind !== 2 && digest !== sha256) throw new Error(`SHA-256 differs: ${key}`);
  process.stdout.write(
    Buffer.from(`${digest}  ${content.length}  ${JSON.stringify(key)}\n`, 'latin1'),
  );
}
