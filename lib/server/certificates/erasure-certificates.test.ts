import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asc } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { erase } from '../../../agent/station/erase.ts';
import { importFrom } from '../../../agent/station/import.ts';
import { receive } from '../../../agent/station/receive.ts';
import { GENESIS_HASH } from '../../domain/custody.ts';
import { hashOfEntry } from '../../keys/custody/chain.ts';
import { headIn, readHead } from '../../keys/custody/head.ts';
import { readErasureCertificate } from '../../keys/erasure-certificate.ts';
import { runProgram } from '../../testing/command-host.ts';
import { type Facility, facility, importOnItsWay } from '../../testing/facility-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { openAdmin } from '../admin/open-admin.ts';
import { rotateMasterKey } from '../admin/rotate.ts';
import { signHead } from '../custody/heads.ts';
import { jobCredentials } from '../db/schema/credentials.ts';
import { custody } from '../db/schema/custody.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** An import that has landed, and whose device is still as it came. */
async function landed() {
  const at = await facility();
  const { jobId, deviceDir } = await importOnItsWay(at);
  await receive(at.station, jobId, deviceDir);
  const { job } = await importFrom(at.station, jobId, deviceDir);
  return { at, jobId, deviceDir, params: { jobId }, job };
}

async function certificateOf({ operator, world }: Facility, jobId: string) {
  const response = await operator.call('getErasureCertificate', { params: { jobId } });
  const der = new Uint8Array(await response.arrayBuffer());
  const trust = { caPem: world.console.authority.certificatePem };
  return { der, ...readErasureCertificate(der, { trust }) };
}

test('an erasure gives a signed certificate that says what was there, how it was erased and by whom', async () => {
  const { at, jobId, deviceDir, params, job } = await landed();
  await expect(at.operator.call('getErasureCertificate', { params })).rejects.toMatchObject({
    code: 'NotFound',
  });
  await erase(at.station, jobId, deviceDir);
  const { certificate, der } = await certificateOf(at, jobId);
  expect(certificate).toMatchObject({
    job: { id: jobId },
    device: { id: 'SB-1', owner: 'provider', serial: null, simulated: true },
    volumeId: job.volumeId,
    held: { objects: 12, bytes: job.seal?.bytes, sealDigest: job.seal?.sealDigest },
    verified: true,
    unverified: null,
    method: { way: 'overwrite', technique: 'clear', standard: 'NIST SP 800-88 Rev. 1' },
    by: { actor: 'station:S' },
    keyDestroyed: null,
  });
  expect(certificate.method.limits).toContain('wear levelling');
  const { entries } = await at.operator.call('jobCustody', { params });
  const entry = entries.find(({ kind }) => kind === 'device.erased');
  expect(certificate.custody).toEqual({ seq: entry?.seq, hash: entry?.hash });
  // It is checked without the console, and refused when it was changed.
  const [file, ca] = [join(tempDir(), 'erasure.cms'), join(tempDir(), 'ca.pem')];
  writeFileSync(ca, at.world.console.authority.certificatePem);
  writeFileSync(file, der);
  const verify = () => runProgram(['device', 'verify-certificate', file, '--ca', ca, '--json']);
  expect((await verify()).last).toMatchObject({ certificate: { verified: true } });
  // Whoever takes it for a proof of transfer is told what to call.
  const taken = await runProgram(['proof', 'verify', file, '--ca', ca, '--json']);
  expect(taken.last).toMatchObject({
    code: 'Usage',
    message: expect.stringContaining('waybill device verify-certificate'),
  });
  const forged = Buffer.from(der);
  const place = forged.indexOf('"verified":true');
  expect(place).toBeGreaterThan(0);
  forged.write('"verified":null', place);
  writeFileSync(file, forged);
  expect((await verify()).last).toMatchObject({ code: 'SignatureInvalid' });
});

test('the pages have it: of the device by its erasures, as PDF with the signed document in it', async () => {
  const { at, jobId, deviceDir, params } = await landed();
  await erase(at.station, jobId, deviceDir);
  const { erasures } = await at.operator.call('listErasures', { params: { deviceId: 'SB-1' } });
  expect(erasures).toMatchObject([{ jobId, verified: true }]);
  const paper = await at.operator.call('getErasurePaper', { params });
  const pdf = Buffer.from(await paper.arrayBuffer());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(2);
});

test('a device that could not be verified is said to be so, with who allowed it', async () => {
  const { at, jobId, deviceDir, params } = await landed();
  // Its seal is lost, in every copy: nothing can be verified any more.
  rmSync(join(deviceDir, 'waybill'), { recursive: true });
  const body = { note: 'the disk was crushed' };
  await at.operator.call('allowErase', { params, body });
  const erased = { files: 0, bytes: 0, method: 'the medium was shredded' };
  await at.station.client.call('claimWork', { params, body: { work: 'erase' } });
  await at.station.client.call('deviceErased', { params, body: erased });
  const { certificate } = await certificateOf(at, jobId);
  expect(certificate).toMatchObject({
    verified: false,
    unverified: { by: 'person:admin@example.org', note: 'the disk was crushed' },
    method: { done: 'the medium was shredded' },
  });
});

test('a certificate is made from the custody log, whatever rows say since', async () => {
  const { at, jobId, deviceDir } = await landed();
  await erase(at.station, jobId, deviceDir);
  const before = (await certificateOf(at, jobId)).certificate;
  await at.world.console.db.statement({
    sql: "UPDATE job_evidence SET erasure = json_set(erasure, '$.verified', json('false'))",
    params: [],
    method: 'run',
  });
  await at.world.console.db.statement({
    sql: "UPDATE jobs SET seal = json_set(seal, '$.objects', 1)",
    params: [],
    method: 'run',
  });
  const after = (await certificateOf(at, jobId)).certificate;
  expect({ ...after, issuedAt: '' }).toEqual({ ...before, issuedAt: '' });
  expect(() => headIn(Buffer.from('no certificate'))).toThrow();
});

test('nothing is signed about an entry that somebody changed, nor about one that was hashed anew', async () => {
  const { at, jobId, deviceDir, params } = await landed();
  await erase(at.station, jobId, deviceDir);
  await certificateOf(at, jobId);
  const { console } = at.world;
  await signHead(console, new Date());
  const statement = (sql: string) => console.db.statement({ sql, params: [], method: 'run' });
  await statement('DROP TRIGGER custody_no_update');
  await statement(
    "UPDATE custody SET detail = json_set(detail, '$.files', 777) WHERE kind = 'device.erased'",
  );
  const broken = { code: 'CustodyBroken' };
  await expect(certificateOf(at, jobId)).rejects.toMatchObject(broken);
  await expect(at.operator.call('getErasurePaper', { params })).rejects.toMatchObject(broken);
  await expect(at.operator.call('getTransferProof', { params })).rejects.toMatchObject(broken);
  // Computed anew to the end, it is another log than the one that was signed.
  const rows = await console.db.read.select().from(custody).orderBy(asc(custody.seq));
  let previousHash = GENESIS_HASH;
  for (const { hash: _, ...row } of rows) {
    const hash = hashOfEntry({ ...row, previousHash });
    const sql = 'UPDATE custody SET previous_hash = ?, hash = ? WHERE seq = ?';
    await console.db.statement({ sql, params: [previousHash, hash, row.seq], method: 'run' });
    previousHash = hash;
  }
  await expect(certificateOf(at, jobId)).rejects.toMatchObject({ code: 'CustodyContradicted' });
});

test('the key of a job is destroyed only when its device is gone, and the certificate says so', async () => {
  const { at, jobId, deviceDir, params } = await landed();
  const body = { note: 'all of it is in the bucket' };
  const destroy = () => at.operator.call('destroyKey', { params, body });
  await expect(destroy()).rejects.toMatchObject({ code: 'PreconditionFailed' });
  const facility = await at.world.as('facility');
  await erase(at.station, jobId, deviceDir);
  await expect(facility.call('destroyKey', { params, body })).rejects.toMatchObject({
    code: 'Forbidden',
  });
  // An archive of the whole device is encrypted with it.
  const archive = (unit: string) =>
    at.world.console.db.statement({
      sql: `UPDATE jobs SET archive = '${unit}'`,
      params: [],
      method: 'run',
    });
  await archive('device');
  await expect(destroy()).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await archive('object');
  const job = await destroy();
  expect(job.keyDestroyedAt).not.toBeNull();
  expect(await destroy()).toMatchObject({ keyDestroyedAt: job.keyDestroyedAt });
  const { certificate } = await certificateOf(at, jobId);
  expect(certificate.keyDestroyed).toMatchObject({ by: 'person:admin@example.org', ...body });
  // Nothing of it is left in the database, and nothing gives it out or makes another.
  const { console } = at.world;
  const [row] = await console.db.read.select().from(jobCredentials);
  expect(row).toMatchObject({ wrappedJobKey: null, wrappedPrivateKey: '', wrappedUnlockCode: '' });
  // Also where a job would have its credentials.
  const sql = "UPDATE jobs SET state = 'at-site'";
  await console.db.statement({ sql, params: [], method: 'run' });
  await expect(at.operator.call('getManifest', { params })).rejects.toMatchObject({
    code: 'KeyDestroyed',
  });
  const admin = openAdmin({ data: console.config.dataDir }, ROOT);
  onTestFinished(() => admin.db.close());
  expect(await rotateMasterKey(admin, {})).toContain('wrapped again');
});

test('the head of the custody log lies beside the report in the bucket, and covers the end of the job', async () => {
  const { at, jobId, params } = await landed();
  const kept = readFileSync(join(at.bucketDir, 'waybill-reports', jobId, 'custody-head.txt'));
  const trust = { caPem: at.world.console.authority.certificatePem };
  const { head } = readHead(headIn(kept), { trust });
  const { entries } = await at.operator.call('jobCustody', { params });
  expect(entries.at(-1)).toMatchObject({ seq: head.seq, hash: head.hash });
  expect(entries.at(-1)?.detail).toMatchObject({ to: 'completed' });
});
