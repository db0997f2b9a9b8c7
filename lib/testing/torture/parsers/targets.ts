import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openOutbox } from '../../../../agent/console/outbox.ts';
import type { KeyedCertificate } from '../../../keys/certificates.ts';
import { signCms, unverifiedContent, verifyCms } from '../../../keys/cms.ts';
import { headIn, headText, readHead, signHead } from '../../../keys/custody/head.ts';
import { readErasureCertificate } from '../../../keys/erasure-certificate.ts';
import { readManifest } from '../../../keys/manifest/manifest.ts';
import { makeUnlockCode, parseUnlockCode } from '../../../keys/manifest/unlock-code.ts';
import { readSealReceipt } from '../../../keys/seal-receipt.ts';
import { STATEMENT_FORMATS, type StatementKind } from '../../../keys/statements.ts';
import { readProofStatement } from '../../../keys/transfer-proof.ts';
import { decodePage, encodePage, NO_SEGMENT } from '../../../volume/catalog/page.ts';
import {
  type CatalogRecord,
  decodeRecord,
  encodeRecord,
  recordBytes,
} from '../../../volume/catalog/records.ts';
import { encodeLines, readLoadFacts, readSealLines } from '../../../volume/catalog/seal-lines.ts';
import { isSealed, type Label, parseLabel, readLabel } from '../../../volume/label.ts';
import { FRAME_BYTES, VOLUME_LAYOUTS, type VolumeLayout } from '../../../volume/layout.ts';
import { FrameDamage, openBytes, sealBytes } from '../../../volume/sealed/sealed-file.ts';
import { seededBytes } from '../../trees.ts';

/** A parser of what comes from outside, and valid input for it. */
export interface Target {
  name: string;
  samples: Buffer[];
  parse(bytes: Buffer): unknown;
  /** Makes checksums right again, so that what lies behind them is reached. */
  mend?(bytes: Buffer): Buffer;
}

const digest = Buffer.alloc(32, 7);
const RECORDS: CatalogRecord[] = [
  {
    kind: 'file',
    key: Buffer.from('folder/a file'),
    mode: 0o644,
    mtimeNs: -5n,
    bytes: 30,
    crc32: 7,
    sha256: digest,
    replaces: true,
    meta: { note: ['x'] },
    extents: [
      { segment: 1, offset: 5, length: 20 },
      { segment: 2, offset: 0, length: 10 },
    ],
  },
  {
    kind: 'directory',
    key: Buffer.from('empty/'),
    mode: 0o755,
    mtimeNs: 2n ** 62n,
    bytes: 0,
    crc32: 0,
    sha256: digest,
    replaces: false,
    meta: undefined,
    extents: [],
  },
  {
    kind: 'part',
    key: Buffer.from([0xff, 0xfe]),
    mode: 0,
    mtimeNs: 0n,
    bytes: 2 ** 40,
    crc32: 1,
    start: 2 ** 30,
    extents: [{ segment: 9, offset: 0, length: 1 }],
  },
];

const load = {
  format: 'waybill-load/1',
  source: '/data',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: '2026-01-01T01:00:00Z',
  skipped: 1,
  failed: 0,
  agentVersion: 'test',
};
const omitted = { omitted: 'bGluaw==', code: 'SymlinkSkipped', message: 'is a symbolic link' };

function encoded(record: CatalogRecord, layout: VolumeLayout): Buffer {
  const bytes = Buffer.alloc(recordBytes(record, layout));
  encodeRecord(record, bytes, 0, layout);
  return bytes;
}

/** What reads the records of a format. */
function layoutTargets(layout: VolumeLayout): Target[] {
  const segment = { ...NO_SEGMENT, bytes: 30 };
  return [
    {
      name: `decodeRecord of ${layout.format}`,
      samples: RECORDS.map((record) => encoded(record, layout)),
      parse: (bytes) => decodeRecord(bytes, 0, layout),
    },
    {
      name: `decodePage of ${layout.format}`,
      samples: [
        encodePage({ number: 1, segment, records: RECORDS }, layout),
        encodePage({ number: 1, segment: NO_SEGMENT, records: [] }, layout),
      ],
      parse: (bytes) => decodePage(bytes, 1, layout),
      mend: (bytes) => {
        const body = bytes.subarray(0, Math.max(0, bytes.length - 32));
        return Buffer.concat([body, createHash('sha256').update(body).digest()]);
      },
    },
  ];
}

function catalogTargets(): Target[] {
  const hex = digest.toString('hex');
  const seal = {
    format: 'waybill-seal/1',
    jobId: 'J',
    deviceId: 'D',
    volumeId: randomUUID(),
    objects: 2,
    bytes: 30,
    pages: 2,
    sealedAt: '2026-01-02T00:00:00Z',
    load,
  };
  const pages = [1, 4].map((page) => ({ page, digest: hex, segment: hex, replaced: [page, 5] }));
  return [
    ...Object.values(VOLUME_LAYOUTS).flatMap(layoutTargets),
    {
      name: 'readSealLines',
      samples: [encodeLines([seal, ...pages, omitted])],
      parse: readSealLines,
    },
    { name: 'readLoadFacts', samples: [encodeLines([load, omitted])], parse: readLoadFacts },
  ];
}

function fileTargets(dir: string, label: Label): Target[] {
  const text = Buffer.from(JSON.stringify(label));
  const jobKey = Buffer.alloc(32, 3);
  const { format, volumeId } = label;
  const id = { format, kind: 'facts', number: 0, volumeId } as const;
  const path = join(dir, 'sealed');
  const outbox = openOutbox(join(dir, 'state'));
  mkdirSync(join(dir, 'state', 'outbox'), { recursive: true });
  mkdirSync(join(dir, 'waybill'));
  return [
    { name: 'parseLabel', samples: [text], parse: (bytes) => parseLabel(bytes.toString()) },
    {
      name: 'readLabel',
      samples: [text],
      parse: (bytes) => {
        writeFileSync(join(dir, 'waybill/label.json'), bytes);
        return [isSealed(dir), readLabel(dir)];
      },
    },
    {
      name: 'openBytes',
      samples: [10, 0, FRAME_BYTES + 100].map((n) => sealBytes(jobKey, id, seededBytes(n, n))),
      parse: (bytes) => {
        writeFileSync(path, bytes);
        try {
          return openBytes(openSync(path, 'r'), id, jobKey, 4 * FRAME_BYTES);
        } catch (error) {
          if (error instanceof FrameDamage) return undefined;
          throw error;
        }
      },
    },
    {
      name: 'outbox',
      samples: [Buffer.from(JSON.stringify({ id: randomUUID(), at: 'now', event: { a: 1 } }))],
      parse: (bytes) => {
        writeFileSync(join(dir, 'state/outbox/0000000000000001-a.json'), bytes);
        const found = outbox.waiting(10).map(({ item }) => item.event);
        rmSync(join(dir, 'state/outbox'), { recursive: true });
        mkdirSync(join(dir, 'state/outbox'));
        return found;
      },
    },
  ];
}

/** Parsers of what is signed or typed in. Their samples take long to make. */
export function keyTargets(keys: {
  authority: KeyedCertificate;
  signer: KeyedCertificate;
}): Target[] {
  const { authority, signer } = keys;
  const caPem = authority.certificatePem;
  const now = new Date();
  const content = Buffer.from(JSON.stringify({ payload: { format: 'waybill-manifest/1' } }));
  const receipt = Buffer.from(JSON.stringify({ format: 'waybill-seal-receipt/1', jobId: 'J' }));
  const signed = (bytes: Buffer, by: KeyedCertificate, detached: boolean) =>
    signCms({ content: bytes, ...by, detached, now });
  const head = signHead({ seq: 7, hash: 'a'.repeat(64) }, authority, now).der;
  const seal = signed(content, signer, true);
  const manifest = signed(content, authority, false);
  return [
    {
      name: 'verifyCms',
      samples: [seal],
      parse: (der) => verifyCms({ der, kind: 'seal', detachedContent: content, caPem, jobId: 'J' }),
    },
    {
      name: 'headIn',
      samples: [Buffer.from(headText(head)), head],
      parse: headIn,
    },
    {
      name: 'readHead',
      samples: [head],
      parse: (der) => readHead(der, { trust: { caPem } }),
    },
    { name: 'unverifiedContent', samples: [manifest, seal], parse: unverifiedContent },
    { name: 'readManifest', samples: [manifest], parse: (der) => readManifest(der, { caPem }) },
    {
      name: 'readSealReceipt',
      samples: [signed(receipt, signer, false)],
      parse: (der) => readSealReceipt(der, { caPem, jobId: 'J' }),
    },
    {
      name: 'parseUnlockCode',
      samples: [Buffer.from(makeUnlockCode())],
      parse: (bytes) => parseUnlockCode(bytes.toString()),
    },
  ];
}

/** Parsers of what lies on a device. `dir` is an empty directory for those that read files. */
export function deviceTargets(dir: string, label: Label): Target[] {
  return [...catalogTargets(), ...fileTargets(dir, label)];
}

/** Contents that the installation or the job has signed, and that are wrong all the same. */
export function signedTargets(world: {
  authority: KeyedCertificate;
  signer: KeyedCertificate;
  payload: object;
}): Target[] {
  const { authority, signer } = world;
  const caPem = authority.certificatePem;
  const now = new Date();
  const cms = (content: Buffer, by: KeyedCertificate) =>
    signCms({ content, ...by, detached: false, now });
  const stated = (kind: StatementKind, content: Buffer) =>
    cms(
      Buffer.from(
        content.toString('latin1').replace(/^\{/, `{"format":"${STATEMENT_FORMATS[kind]}",`),
        'latin1',
      ),
      authority,
    );
  return [
    {
      name: 'a signed head',
      samples: [Buffer.from(JSON.stringify({ seq: 1, count: 1, hash: 'a', at: 'now' }))],
      parse: (content) => readHead(stated('custody-head', content), { trust: { caPem } }),
    },
    {
      name: 'a signed certificate',
      samples: [Buffer.from(JSON.stringify({ job: { id: 'J' }, device: {} }))],
      parse: (content) =>
        readErasureCertificate(stated('erasure-certificate', content), { trust: { caPem } }),
    },
    {
      name: 'a signed proof',
      samples: [Buffer.from(JSON.stringify({ job: { id: 'J' }, parts: [] }))],
      parse: (content) => readProofStatement(stated('proof', content), { trust: { caPem } }),
    },
    {
      name: 'a signed manifest',
      samples: [Buffer.from(JSON.stringify({ payload: world.payload, secrets: { kdf: {} } }))],
      parse: (content) => readManifest(cms(content, authority), {}),
    },
    {
      name: 'a signed receipt',
      samples: [Buffer.from(JSON.stringify({ format: 'waybill-seal-receipt/1', objects: 1 }))],
      parse: (content) => readSealReceipt(cms(content, signer), { caPem, jobId: 'J' }),
    },
  ];
}
