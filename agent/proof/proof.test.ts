import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../lib/keys/certificates.ts';
import { PROOF_PARTS, PROOF_STATEMENT } from '../../lib/keys/transfer-proof.ts';
import { openStore } from '../../lib/stores/open.ts';
import { runProgram } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  actOn,
  copyAtSite,
  device,
  type Facility,
  facility,
} from '../../lib/testing/facility-world.ts';
import { s3Servers } from '../../lib/testing/servers/s3-servers.ts';
import { listKeys, putObject, readObject, remoteSpec } from '../../lib/testing/store-world.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree } from '../../lib/testing/trees.ts';
import { exportTo } from '../station/export.ts';
import { importFrom } from '../station/import.ts';
import { prepare } from '../station/prepare.ts';
import { receive } from '../station/receive.ts';

/** An import that has landed under a prefix, with odd names, and its proof in a file. */
async function provenImport() {
  const at = await facility();
  const body = newJobBody({ prefix: 'in/' });
  const { id: jobId } = await at.operator.call('createJob', { body });
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  makeTree(at.source, { seed: 5, files: 12, bytesMax: 5000 });
  writeFileSync(join(at.source, 'odd, "name" 100%\n'), 'odd');
  await copyAtSite(at, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-facility');
  await receive(at.station, jobId, deviceDir);
  await importFrom(at.station, jobId, deviceDir);
  const dir = tempDir();
  const [file, ca] = [join(dir, 'proof.tar'), join(dir, 'ca.pem')];
  writeFileSync(file, await download(at, jobId));
  writeFileSync(ca, at.world.console.authority.certificatePem);
  const verify = (...words: string[]) =>
    runProgram(['proof', 'verify', file, '--ca', ca, ...words, '--json']);
  return { at, jobId, dir, file, ca, verify };
}

async function download({ operator }: Facility, jobId: string): Promise<Buffer> {
  const response = await operator.call('getTransferProof', { params: { jobId } });
  return Buffer.from(await response.arrayBuffer());
}

const tar = (...args: string[]) => spawnSync('tar', args, { encoding: 'utf8' });

/** Packs the parts of a proof anew, after one was changed. */
function repacked(file: string, change: (dir: string) => void, names?: string[]): void {
  const dir = tempDir();
  expect(tar('-xf', file, '-C', dir).status).toBe(0);
  const order = names ?? tar('-tf', file).stdout.trim().split('\n');
  change(dir);
  expect(tar('-cf', file, '--format=ustar', '-C', dir, ...order).status).toBe(0);
}

test('a proof holds without the console, names its signer, and agrees with the store', async () => {
  const { at, jobId, verify, file, dir, ca } = await provenImport();
  const alone = await verify();
  expect(alone.exit).toBe(0);
  expect(alone.last).toMatchObject({
    whole: true,
    problems: [],
    store: null,
    proof: {
      job: { id: jobId },
      report: { objects: 13 },
      shipments: [{ leg: 'to-site' }, { leg: 'to-facility' }],
    },
    signedBy: { name: 'O=Waybill, CN=Waybill installation' },
  });
  const stored = await verify('--store', at.bucketDir);
  expect(stored.exit).toBe(0);
  expect(stored.last.store).toEqual({
    compared: 13,
    read: 13,
    archived: 0,
    missing: 0,
    differing: 0,
  });
  // A stranger checks it with tar, sha256sum and openssl.
  expect(tar('-xf', file, '-C', dir).status).toBe(0);
  const cms = spawnSync(
    'openssl',
    [
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      PROOF_STATEMENT,
      '-CAfile',
      ca,
      '-nointern',
      '-certfile',
      ca,
    ],
    { cwd: dir, encoding: 'utf8' },
  );
  expect(cms.stderr).toMatch(/successful/);
  const signed = JSON.parse(cms.stdout) as { parts: { name: string; sha256: string }[] };
  for (const { name, sha256 } of signed.parts)
    expect(spawnSync('sha256sum', [name], { cwd: dir, encoding: 'utf8' }).stdout).toContain(sha256);
  expect(signed.parts.map(({ name }) => name)).toContain(PROOF_PARTS.custody);
});

test('what is not in the store any more, or is another object, is named', async () => {
  const { at, verify } = await provenImport();
  const odd = join(at.bucketDir, 'in', 'odd, "name" 100%\n');
  expect(readFileSync(odd, 'utf8')).toBe('odd');
  writeFileSync(odd, 'odx');
  const changed = await verify('--store', at.bucketDir);
  expect(changed.exit).toBe(1);
  expect(changed.lines).toContainEqual(
    expect.objectContaining({ key: 'in/odd, "name" 100%25%0A', problem: 'differs' }),
  );
  rmSync(odd);
  expect((await verify('--store', at.bucketDir)).last).toMatchObject({
    whole: true,
    store: { missing: 1, differing: 0 },
  });
});

test.each([
  { name: PROOF_PARTS.success, from: 'detail', to: 'retail', says: 'success.csv was changed' },
  { name: PROOF_PARTS.custody, from: '"actor":"', to: '"actor":"x', says: 'custody entry' },
  { name: PROOF_PARTS.failure, from: 'detail', to: 'retail', says: 'failure.csv was changed' },
])('a byte of $name that was changed is found', async ({ name, from, to, says }) => {
  const { file, verify } = await provenImport();
  repacked(file, (dir) => {
    const path = join(dir, name);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(from, to));
  });
  const found = await verify();
  expect(found.exit).toBe(1);
  expect(found.last.whole).toBe(false);
  expect(JSON.stringify(found.last.problems)).toContain(says);
});

test('a part that is missing, added or cut off is found', async () => {
  const { file, verify } = await provenImport();
  const whole = readFileSync(file);
  const names = tar('-tf', file).stdout.trim().split('\n');
  repacked(
    file,
    () => {},
    names.filter((name) => name !== PROOF_PARTS.failure),
  );
  expect((await verify()).last).toMatchObject({ problems: ['failure.csv is missing'] });
  writeFileSync(file, whole);
  repacked(file, (dir) => writeFileSync(join(dir, 'more'), ''), ['more', ...names]);
  expect((await verify()).last).toMatchObject({ problems: ['more was not signed'] });
  for (const length of [0, 100, 5000, Math.floor(whole.length / 2)]) {
    writeFileSync(file, whole.subarray(0, length));
    expect((await verify()).last).toMatchObject({ code: 'TarInvalid' });
  }
});

test('a proof that another authority or the job itself signed is refused', async () => {
  const { ca, file, verify } = await provenImport();
  const other = await createAuthority({ name: 'Waybill installation', now: new Date() });
  writeFileSync(ca, other.certificatePem);
  expect((await verify()).last).toMatchObject({ code: 'SignatureInvalid' });
  const pinned = ['proof', 'verify', file, '--fingerprint', '00'.repeat(32), '--json'];
  expect((await runProgram(pinned)).last).toMatchObject({ code: 'SignatureInvalid' });
});

test('there is none before the report, and only for whoever may read the custody log', async () => {
  const at = await facility();
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  await expect(download(at, jobId)).rejects.toMatchObject({ code: 'NotFound' });
  await expect(
    at.station.client.call('getTransferProof', { params: { jobId } }),
  ).rejects.toMatchObject({ code: 'Forbidden' });
});

test('of an export the objects are compared with the bucket they came from, or with where they were restored', async () => {
  const at = await facility();
  makeTree(join(at.bucketDir, 'out'), { seed: 3, files: 5, bytesMax: 2000 });
  const body = newJobBody({ type: 'export', prefix: 'out/' });
  const { id: jobId } = await at.operator.call('createJob', { body });
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await exportTo(at.station, jobId, deviceDir);
  const dir = tempDir();
  const [file, ca] = [join(dir, 'proof.tar'), join(dir, 'ca.pem')];
  writeFileSync(file, await download(at, jobId));
  writeFileSync(ca, at.world.console.authority.certificatePem);
  const verify = (...words: string[]) =>
    runProgram(['proof', 'verify', file, '--ca', ca, '--json', '--store', ...words]);
  const bucket = await verify(at.bucketDir);
  expect(bucket.last).toMatchObject({ whole: true, store: { compared: 5, missing: 0 } });
  const restored = join(dir, 'restored');
  cpSync(at.bucketDir, restored, { recursive: true });
  const here = await verify(restored);
  expect(here.exit).toBe(0);
  expect(here.last).toMatchObject({ store: { compared: 5, missing: 0, differing: 0 } });
  expect((await verify(join(dir, 'nowhere'))).last).toMatchObject({ code: 'Usage' });
});

describe.each(s3Servers('Swift'))('with $name', ({ running }) => {
  test('the objects are compared with a bucket by its checksums, and read when that is asked for', async () => {
    const { at, file, ca, dir } = await provenImport();
    const spec = await remoteSpec(running(), 's3');
    const store = openStore(spec);
    const local = openStore({ kind: 'directory', ...split(at.bucketDir) });
    const keys = (await listKeys(local, { prefix: 'in/' })).filter((key) => !key.endsWith('/'));
    for (const key of keys) await putObject(store, key, [await readObject(local, key)]);
    const { endpoint, region, credentials } = spec.remote;
    const pair = join(dir, 'pair');
    writeFileSync(
      pair,
      `aws_access_key_id = ${credentials.accessKeyId}\naws_secret_access_key = ${credentials.secretAccessKey}\n`,
    );
    const verify = (...words: string[]) =>
      runProgram([
        ...['proof', 'verify', file, '--ca', ca, '--json', '--store', `s3://${spec.bucket}`],
        ...['--endpoint', endpoint, '--region', region, '--access-key-file', pair, ...words],
      ]);
    const whole = await verify('--read');
    expect(whole.exit).toBe(0);
    expect(whole.last).toMatchObject({ store: { compared: 13, read: 13, missing: 0 } });
    await putObject(store, keys[0] ?? '', 'something else');
    await store.close();
    const changed = await verify();
    expect(changed.exit).toBe(1);
    expect(changed.last).toMatchObject({ whole: true, store: { differing: 1, missing: 0 } });
  });
});

const split = (bucketDir: string) => ({ root: dirname(bucketDir), bucket: basename(bucketDir) });

test('a proof is not signed over a report that is not the one that was handed in', async () => {
  const { at, jobId } = await provenImport();
  const folder = join(at.world.console.paths.reports, jobId);
  const log = join(folder, 'success.csv');
  const kept = readFileSync(log);
  writeFileSync(log, Buffer.from(kept.toString().replace('odd', 'ODD')));
  const changed = { code: 'ReportChanged', facts: { file: 'success.csv' } };
  await expect(download(at, jobId)).rejects.toMatchObject(changed);
  writeFileSync(log, kept);
  await download(at, jobId);
  rmSync(join(folder, 'failure.csv'));
  await expect(download(at, jobId)).rejects.toMatchObject({
    code: 'ReportChanged',
    facts: { file: 'failure.csv' },
  });
});
