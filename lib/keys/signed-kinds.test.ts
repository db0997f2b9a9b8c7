import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { canonicalJson } from '../domain/custody.ts';
import { tempDir } from '../testing/temp.ts';
import {
  createAuthority,
  fingerprint,
  issueJobCertificate,
  type KeyedCertificate,
} from './certificates.ts';
import { signCms, verifyCms } from './cms.ts';
import {
  buildManifest,
  ManifestSecrets,
  readManifest,
  unlockManifest,
} from './manifest/manifest.ts';
import { makeUnlockCode } from './manifest/unlock-code.ts';
import { buildSealReceipt, readSealReceipt } from './seal-receipt.ts';
import { SIGNED_KINDS, type SignedKind } from './signed-kinds.ts';
import {
  readStatement,
  STATEMENT_FORMATS,
  type StatementKind,
  signStatement,
} from './statements.ts';

const jobId = 'JID00000000-0000-4000-8000-000000000001';
const now = new Date();
const DAY_MS = 86_400_000;
const unlockCode = makeUnlockCode();

/** Everyone who may hold a key and try to sign with it. */
const SIGNERS = [
  'authority',
  'this job',
  'another job',
  'expired certificate of this job',
  'another authority of the same name',
  'this job by another authority of the same name',
  'expired authority',
] as const;
type SignerName = (typeof SIGNERS)[number];

const keys = {} as Record<SignerName, KeyedCertificate>;
beforeAll(async () => {
  const name = 'Waybill installation';
  const past = new Date(now.getTime() - 40 * DAY_MS);
  const authority = await createAuthority({ name, now: past });
  const twin = await createAuthority({ name, now });
  const ofJob = (by: KeyedCertificate, id: string, from = now) =>
    issueJobCertificate(by, { jobId: id, deviceId: 'DEV-1', now: from, days: 30 });
  keys.authority = authority;
  keys['this job'] = await ofJob(authority, jobId);
  keys['another job'] = await ofJob(authority, 'JID-2');
  keys['expired certificate of this job'] = await ofJob(authority, jobId, past);
  keys['another authority of the same name'] = twin;
  keys['this job by another authority of the same name'] = await ofJob(twin, jobId);
  const longAgo = new Date(now.getTime() - 21 * 365 * DAY_MS);
  keys['expired authority'] = await createAuthority({ name, now: longAgo });
});

const receipt = {
  format: 'waybill-seal-receipt/1',
  jobId,
  deviceId: 'DEV-1',
  volumeId: randomUUID(),
  objects: 1,
  bytes: 1,
  skipped: 0,
  failed: 0,
  sealDigest: 'a'.repeat(64),
  sealedAt: now.toISOString(),
  agentVersion: '0',
} as const;

const payload = {
  jobId,
  jobName: 'A job',
  type: 'import',
  option: 'snowball',
  deviceId: 'DEV-1',
  volumeId: randomUUID(),
  volumeKind: 'sealed',
  sizeBytes: 50e12,
  processing: null,
  overwritePolicy: 'never',
  store: { kind: 'directory', bucket: 'bucket', prefix: '' },
  storeRules: { keyBytesMax: 1024, objectBytesMax: 5e12 },
  consoleUrl: null,
  issuedAt: now.toISOString(),
  expiresAt: new Date(now.getTime() + DAY_MS).toISOString(),
} as const;

/** A manifest whose payload names the genuine authority, signed by whoever tries. */
async function manifestBy(signer: KeyedCertificate): Promise<Buffer> {
  const secrets = new ManifestSecrets({
    jobKey: randomBytes(32),
    jobToken: null,
    signer: keys['this job'],
  });
  const genuine = await buildManifest({
    payload,
    secrets,
    unlockCode,
    authority: keys.authority,
    now,
  });
  const by = { kind: 'manifest', caPem: keys.authority.certificatePem } as const;
  const { content } = verifyCms({ der: genuine, ...by });
  return signCms({ content, ...signer, detached: false, now });
}

/** Signs a thing of a kind as it is in the field, and reads it as its reader does. */
const sealBody = Buffer.from('the body of a seal');
const TRIALS: Record<SignedKind, (signer: KeyedCertificate, caPem: string) => Promise<unknown>> = {
  manifest: async (signer, caPem) => readManifest(await manifestBy(signer), { caPem }),
  'custody-head': statementTrial('custody-head'),
  'erasure-certificate': statementTrial('erasure-certificate'),
  proof: statementTrial('proof'),
  seal: async (signer, caPem) => {
    const der = signCms({ content: sealBody, ...signer, detached: true, now });
    return verifyCms({ der, kind: 'seal', detachedContent: sealBody, caPem, jobId });
  },
  'seal-receipt': async (signer, caPem) =>
    readSealReceipt(buildSealReceipt(receipt, signer, now), { caPem, jobId }),
};

function statementTrial(kind: StatementKind) {
  return async (signer: KeyedCertificate, caPem: string) =>
    readStatement(kind, signStatement(kind, { jobId }, signer, now), { trust: { caPem } });
}

const cases = (Object.keys(SIGNED_KINDS) as SignedKind[]).flatMap((kind) =>
  SIGNERS.map((signer) => {
    const may = SIGNED_KINDS[kind].signer === 'authority' ? 'authority' : 'this job';
    return { kind, signer, passes: signer === may };
  }),
);

test.each(cases)('$kind signed by $signer passes: $passes', async ({ kind, signer, passes }) => {
  const trial = TRIALS[kind](keys[signer], keys.authority.certificatePem);
  if (passes) await expect(trial).resolves.toBeDefined();
  else
    await expect(trial).rejects.toMatchObject({
      code: expect.stringMatching(/^(SignatureInvalid|ManifestInvalid|SealReceiptInvalid)$/),
    });
});

test.each(Object.keys(TRIALS) as SignedKind[])(
  '%s is not read against an authority that has expired, or that is none',
  async (kind) => {
    const expired = keys['expired authority'];
    const code = expect.stringMatching(/^(SignatureInvalid|ManifestInvalid|SealReceiptInvalid)$/);
    await expect(TRIALS[kind](expired, expired.certificatePem)).rejects.toMatchObject({ code });
    const job = keys['this job'];
    await expect(TRIALS[kind](job, job.certificatePem)).rejects.toMatchObject({ code });
  },
);

test('a manifest that a job signed does not pass without an authority at hand either', async () => {
  const der = await manifestBy(keys['this job']);
  expect(() => readManifest(der)).toThrow(expect.objectContaining({ code: 'ManifestInvalid' }));
  await expect(unlockManifest(der, unlockCode)).rejects.toMatchObject({ code: 'ManifestInvalid' });
});

test('a statement of one kind is none of another, though the authority signed it', () => {
  const kinds = Object.keys(STATEMENT_FORMATS) as StatementKind[];
  const trust = { caPem: keys.authority.certificatePem };
  for (const signed of kinds) {
    const der = signStatement(signed, { jobId }, keys.authority, now);
    for (const read of kinds.filter((kind) => kind !== signed))
      expect(() => readStatement(read, der, { trust })).toThrow(/format/);
    expect(() => readManifest(der, trust)).toThrow(
      expect.objectContaining({ code: 'ManifestInvalid' }),
    );
  }
});

test('a pinned fingerprint stands for the certificate, and names who signed', () => {
  const pinned = { fingerprint: fingerprint(keys.authority.certificatePem) };
  const der = signStatement('proof', { jobId }, keys.authority, now);
  const { signer, facts } = readStatement('proof', der, { trust: pinned });
  expect(facts).toEqual({ jobId, format: 'waybill-proof/1' });
  expect(signer).toEqual({ ...pinned, name: 'O=Waybill, CN=Waybill installation' });
  const twin = keys['another authority of the same name'];
  const forged = signStatement('proof', { jobId }, twin, now);
  expect(() => readStatement('proof', forged, { trust: pinned })).toThrow(/fingerprint/);
  // A job's certificate that is pinned by mistake is no authority.
  const job = keys['this job'];
  const ofJob = signStatement('proof', { jobId }, job, now);
  const trust = { fingerprint: fingerprint(job.certificatePem) };
  expect(() => readStatement('proof', ofJob, { trust })).toThrow(/no authority/);
  expect(canonicalJson(facts)).toContain(jobId);
});

test('openssl, called as the documents say, takes what the authority signed and nothing that a job signed', () => {
  const dir = tempDir();
  const [ca, file] = [join(dir, 'ca.pem'), join(dir, 'statement.cms')];
  writeFileSync(ca, keys.authority.certificatePem);
  const exitFor = (signer: SignerName, ...words: string[]) => {
    writeFileSync(file, signStatement('erasure-certificate', { files: 1 }, keys[signer], now));
    const args = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', file, '-CAfile', ca];
    return spawnSync('openssl', [...args, ...words]).status;
  };
  const told = ['-nointern', '-certfile', ca];
  expect(exitFor('authority', ...told)).toBe(0);
  expect(exitFor('this job', ...told)).not.toBe(0);
  // Why these words are needed.
  expect(exitFor('this job')).toBe(0);
  const documents = ['SECURITY.md', '../server/papers/erasure-certificate.ts'];
  for (const name of documents)
    expect(readFileSync(new URL(name, import.meta.url), 'utf8')).toMatch(
      /-CAfile ca\.pem\s-nointern\s-certfile\sca\.pem/,
    );
});
