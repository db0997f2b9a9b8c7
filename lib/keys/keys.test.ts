import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import forge from 'node-forge';
import { beforeAll, describe, expect, test } from 'vitest';
import { WaybillError } from '../domain/errors.ts';
import { tempDir } from '../testing/temp.ts';
import {
  createAuthority,
  issueJobCertificate,
  type KeyedCertificate,
  verifyChain,
} from './certificates.ts';
import { signCms, verifyCms } from './cms.ts';
import { openLocalKms } from './kms/local.ts';
import {
  buildManifest,
  ManifestSecrets,
  readManifest,
  unlockManifest,
} from './manifest/manifest.ts';
import { makeUnlockCode, parseUnlockCode } from './manifest/unlock-code.ts';
import { buildSealReceipt, readSealReceipt, type SealReceipt } from './seal-receipt.ts';
import { makeToken, redact } from './secrets.ts';

const jobId = 'JID00000000-0000-4000-8000-000000000001';
const now = new Date();
let authority: KeyedCertificate;
let other: KeyedCertificate;
let signer: KeyedCertificate;

beforeAll(async () => {
  authority = await createAuthority({ name: 'Test installation', now });
  other = await createAuthority({ name: 'Another installation', now });
  signer = await issueJobCertificate(authority, { jobId, deviceId: 'DEV-1', now, days: 30 });
});

function openssl(...args: string[]) {
  const run = spawnSync('openssl', args, { encoding: 'utf8' });
  expect(run.error).toBeUndefined();
  return run;
}

const asn1Of = (der: Buffer) => forge.asn1.fromDer(der.toString('latin1'), true);

/** The code of the error that is thrown; undefined when none is. */
function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WaybillError ? error.code : String(error);
  }
  return undefined;
}

describe('unlock codes', () => {
  test('have 29 characters in five groups and are read back however they are typed', () => {
    for (let i = 0; i < 200; i += 1) {
      const code = makeUnlockCode();
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}$/);
      const typed = code
        .toLowerCase()
        .replaceAll('-', ' ')
        .replaceAll('0', 'o')
        .replaceAll('1', 'l');
      expect(parseUnlockCode(typed)).toBe(code);
    }
  });

  test('any one wrong character is found', () => {
    const code = makeUnlockCode();
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    for (let at = 0; at < code.length; at += 1) {
      for (const symbol of alphabet) {
        if (code[at] === '-' || code[at] === symbol) continue;
        const wrong = code.slice(0, at) + symbol + code.slice(at + 1);
        expect(() => parseUnlockCode(wrong)).toThrow(WaybillError);
      }
    }
  });
});

describe('certificates', () => {
  test('openssl accepts the chain, strictly', () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'ca.pem'), authority.certificatePem);
    writeFileSync(join(dir, 'job.pem'), signer.certificatePem);
    const run = openssl(
      'verify',
      '-x509_strict',
      '-CAfile',
      join(dir, 'ca.pem'),
      join(dir, 'job.pem'),
    );
    expect(run.stderr + run.stdout).toContain('OK');
  });

  test('another authority, another job and another time are refused', () => {
    const pem = signer.certificatePem;
    const ofJob = { role: 'job', jobId } as const;
    verifyChain(pem, authority.certificatePem, { signer: ofJob });
    expect(() => verifyChain(pem, other.certificatePem, { signer: ofJob })).toThrow(
      /another authority/,
    );
    expect(() =>
      verifyChain(pem, authority.certificatePem, { signer: { role: 'job', jobId: 'JID-2' } }),
    ).toThrow(/does not belong/);
    const later = new Date(now.getTime() + 31 * 86_400_000);
    expect(() => verifyChain(pem, authority.certificatePem, { signer: ofJob, now: later })).toThrow(
      /valid from/,
    );
  });
});

describe('CMS', () => {
  test.each([true, false])(
    'openssl verifies it (detached: %s) and refuses changed content',
    (detached) => {
      const dir = tempDir();
      const content = randomBytes(1000);
      writeFileSync(join(dir, 'ca.pem'), authority.certificatePem);
      writeFileSync(join(dir, 'x.cms'), signCms({ content, ...signer, detached, now }));
      writeFileSync(join(dir, 'content'), content);
      const base = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', join(dir, 'x.cms')];
      const rest = ['-CAfile', join(dir, 'ca.pem'), '-out', join(dir, 'out')];
      const args = [...base, ...(detached ? ['-content', join(dir, 'content')] : []), ...rest];
      expect(openssl(...args).stderr).toMatch(/successful/);
      if (!detached) return;
      content[5] = (content[5] ?? 0) ^ 1;
      writeFileSync(join(dir, 'content'), content);
      expect(openssl(...args).status).not.toBe(0);
    },
  );

  test('a change of any byte is refused, and with a typed error', () => {
    const content = Buffer.from('what was signed');
    const der = signCms({ content, ...signer, detached: false, now });
    const by = { kind: 'seal', caPem: authority.certificatePem, jobId } as const;
    expect(verifyCms({ der, ...by }).content).toEqual(content);
    for (let at = 0; at < der.length; at += 1)
      for (const flip of [0x01, 0x55, 0x80]) {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(
          codeOf(() => verifyCms({ der: changed, ...by })),
          `byte ${at}`,
        ).toBe('SignatureInvalid');
      }
  });

  test('bytes that are added, and parts that nobody signed, are refused', () => {
    const content = Buffer.from('what was signed');
    const der = signCms({ content, ...signer, detached: false, now });
    const by = { kind: 'seal', caPem: authority.certificatePem, jobId } as const;
    const { create, Class, Type } = forge.asn1;
    const partsOf = (node: forge.asn1.Asn1 | undefined) => (node?.value ?? []) as forge.asn1.Asn1[];
    const attributes = create(Class.CONTEXT_SPECIFIC, 1 as forge.asn1.Type, true, []);
    const parameter = create(Class.UNIVERSAL, Type.NULL, false, '');
    const additions: ((parts: forge.asn1.Asn1[]) => unknown)[] = [
      ([, , , bag]) => partsOf(bag).push(...partsOf(bag)),
      ([, , , , infos]) => partsOf(partsOf(infos)[0]).push(attributes),
      ([, algorithms]) => partsOf(algorithms).push(parameter),
    ];
    const variants = additions.map((add) => {
      const tree = asn1Of(der);
      add(partsOf(partsOf(partsOf(tree)[1])[0]));
      return Buffer.from(forge.asn1.toDer(tree).getBytes(), 'latin1');
    });
    for (const changed of variants) expect(changed.length).toBeGreaterThan(der.length);
    for (const changed of [Buffer.concat([der, Buffer.from([0])]), ...variants])
      expect(codeOf(() => verifyCms({ der: changed, ...by }))).toBe('SignatureInvalid');
  });

  test('one that openssl signed is taken, with its other form of the algorithm', () => {
    const dir = tempDir();
    const content = Buffer.from('what was signed');
    writeFileSync(join(dir, 'content'), content);
    writeFileSync(join(dir, 'key.pem'), signer.privateKeyPem);
    writeFileSync(join(dir, 'cert.pem'), signer.certificatePem);
    const args = ['cms', '-sign', '-binary', '-nodetach', '-md', 'sha256', '-outform', 'DER'];
    const files = ['-in', 'content', '-signer', 'cert.pem', '-inkey', 'key.pem', '-out', 'x.cms'];
    const run = spawnSync('openssl', [...args, ...files], { cwd: dir, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    const by = { kind: 'seal', caPem: authority.certificatePem, jobId } as const;
    const der = readFileSync(join(dir, 'x.cms'));
    expect(verifyCms({ der, ...by }).content).toEqual(content);
  });

  test('arbitrary bytes are refused with a typed error', () => {
    const by = { kind: 'manifest', caPem: authority.certificatePem } as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (der) => {
        expect(() => verifyCms({ der, ...by })).toThrow(WaybillError);
      }),
    );
    const nested = Buffer.alloc(200_000, 0x30);
    expect(() => verifyCms({ der: nested, ...by })).toThrow(WaybillError);
  });
});

describe('the manifest', () => {
  const jobKey = randomBytes(32);
  const unlockCode = makeUnlockCode();
  const build = (keys: KeyedCertificate) =>
    buildManifest({
      payload: {
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
        store: { kind: 'directory', bucket: 'bucket', prefix: 'in/' },
        storeRules: { keyBytesMax: 1024, objectBytesMax: 5e12 },
        consoleUrl: null,
        issuedAt: now.toISOString(),
        expiresAt: new Date(now.getTime() + 86_400_000).toISOString(),
      },
      secrets: new ManifestSecrets({ jobKey, jobToken: 'wbj_token', signer }),
      unlockCode,
      authority: keys,
      now,
    });
  let manifest: Buffer;
  beforeAll(async () => {
    manifest = await build(authority);
  });

  test('opens with its code and shows its secrets to nobody by accident', async () => {
    expect(readManifest(manifest).deviceId).toBe('DEV-1');
    const { payload, secrets } = await unlockManifest(manifest, unlockCode);
    expect(payload.store).toEqual({ kind: 'directory', bucket: 'bucket', prefix: 'in/' });
    expect(secrets.jobKey).toEqual(jobKey);
    expect(secrets.signer).toEqual(signer);
    const shown = JSON.stringify(secrets) + inspect(secrets, { depth: 9, showHidden: true });
    expect(shown).not.toContain(jobKey.toString('base64'));
    expect(shown).not.toContain('PRIVATE');
    expect(manifest.includes('PRIVATE')).toBe(false);
  });

  test('openssl verifies it', () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'ca.pem'), authority.certificatePem);
    writeFileSync(join(dir, 'm'), manifest);
    const run = openssl(
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      join(dir, 'm'),
      '-CAfile',
      join(dir, 'ca.pem'),
    );
    expect(run.stderr).toMatch(/successful/);
    expect(JSON.parse(run.stdout).payload.jobId).toBe(jobId);
  });

  test('a wrong code, another authority, a late hour and changed bytes are refused', async () => {
    await expect(unlockManifest(manifest, makeUnlockCode())).rejects.toMatchObject({
      code: 'UnlockCodeWrong',
    });
    expect(() => readManifest(manifest, { caPem: other.certificatePem })).toThrow(/not valid/);
    const late = new Date(now.getTime() + 2 * 86_400_000);
    expect(() => readManifest(manifest, { now: late })).toThrow(
      expect.objectContaining({ code: 'ManifestExpired' }),
    );
    // A clock that is behind: another copy of the manifest would be no better.
    const early = new Date(now.getTime() - 30 * 86_400_000);
    expect(() => readManifest(manifest, { now: early })).toThrow(
      expect.objectContaining({
        code: 'ManifestNotYetValid',
        message: expect.stringContaining(`the clock of this host says ${early.toISOString()}`),
        next: expect.stringContaining('set the clock'),
      }),
    );
    for (let at = 0; at < manifest.length; at += 97) {
      const changed = Buffer.from(manifest);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      try {
        expect(readManifest(changed)).toEqual(readManifest(manifest));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ManifestInvalid' });
      }
    }
    expect(() => readManifest(Buffer.from('{}'))).toThrow(/not valid/);
  });

  test('a payload signed anew by another authority does not open', async () => {
    const by = { kind: 'manifest', caPem: authority.certificatePem } as const;
    const { content } = verifyCms({ der: manifest, ...by });
    const forged = JSON.parse(content.toString());
    forged.payload.deviceId = 'DEV-2';
    forged.payload.caCertificatePem = other.certificatePem;
    const { canonicalJson } = await import('../domain/custody.ts');
    const der = signCms({
      content: Buffer.from(canonicalJson(forged)),
      ...other,
      detached: false,
      now,
    });
    expect(readManifest(der).deviceId).toBe('DEV-2');
    await expect(unlockManifest(der, unlockCode)).rejects.toMatchObject({
      code: 'UnlockCodeWrong',
    });
  });
});

describe('the seal receipt', () => {
  const receipt: SealReceipt = {
    format: 'waybill-seal-receipt/1',
    jobId,
    deviceId: 'DEV-1',
    volumeId: randomUUID(),
    objects: 3,
    bytes: 10,
    skipped: 0,
    failed: 0,
    sealDigest: 'a'.repeat(64),
    sealedAt: now.toISOString(),
    agentVersion: '0',
  };

  test('is believed from the job itself only', () => {
    const der = buildSealReceipt(receipt, signer, now);
    const caPem = authority.certificatePem;
    expect(readSealReceipt(der, { caPem, jobId })).toEqual(receipt);
    expect(() => readSealReceipt(der, { caPem, jobId: 'JID-2' })).toThrow(/receipt/);
    expect(() => readSealReceipt(buildSealReceipt(receipt, other, now), { caPem, jobId })).toThrow(
      /receipt/,
    );
    expect(() => readSealReceipt(Buffer.alloc(70_000), { caPem, jobId })).toThrow(/too large/);
  });
});

describe('the local KMS', () => {
  test('makes its key file for its owner alone and opens it again', async () => {
    const file = join(tempDir(), 'master.keys');
    const { plaintext, wrapped } = await openLocalKms({ file }).generateDataKey({ job: 'a' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await openLocalKms({ file }).unwrap(wrapped, { job: 'a' })).toEqual(plaintext);
    expect(wrapped).not.toContain(plaintext.toString('base64'));
    await expect(openLocalKms({ file }).unwrap(wrapped, { job: 'b' })).rejects.toMatchObject({
      code: 'KeyUnavailable',
    });
    chmodSync(file, 0o644);
    expect(() => openLocalKms({ file })).toThrow(/others/);
  });

  test('rotates without losing what was wrapped before', async () => {
    const file = join(tempDir(), 'master.keys');
    const kms = openLocalKms({ file });
    const { plaintext, wrapped } = await kms.generateDataKey({ job: 'a' });
    kms.rotate();
    const renewed = await kms.rewrap(wrapped, { job: 'a' });
    expect(await openLocalKms({ file }).unwrap(wrapped, { job: 'a' })).toEqual(plaintext);
    kms.retireOld();
    expect(await openLocalKms({ file }).unwrap(renewed, { job: 'a' })).toEqual(plaintext);
    await expect(kms.unwrap(wrapped, { job: 'a' })).rejects.toMatchObject({
      code: 'KeyUnavailable',
    });
  });
});

test('logs carry no secrets', () => {
  const token = makeToken('person');
  const text = `token ${token} code ${makeUnlockCode()} key ${signer.privateKeyPem} authorization: Bearer abc`;
  const clean = redact(text);
  expect(clean).not.toContain(token);
  expect(clean).not.toMatch(/PRIVATE KEY|Bearer|[0-9A-Z]{5}-[0-9A-Z]{5}-/);
});
