import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import type { ReportSummary } from '../../lib/domain/report.ts';
import { jobs } from '../../lib/server/db/schema/jobs.ts';
import { commandHost, type Host } from '../../lib/testing/command-host.ts';
import { reportOf, sealOf } from '../../lib/testing/evidence.ts';

/** An import of which two objects failed. */
async function failedImport(h: Host, report: Partial<ReportSummary> = {}): Promise<string> {
  const create = ['job', 'create', '--name', 'archive', '--option', 'snowball', '--type', 'import'];
  const rest = ['--size', '50TB', '--store', 'embedded', '--bucket', 'default', '--json'];
  const { last } = await h.run('operator', ...create, ...rest);
  const job = last.job as JobDetail;
  const { db, paths } = h.world.console;
  mkdirSync(join(paths.reports, job.id), { recursive: true });
  const lines = ['a/1', 'a/2'].map((key) => `${key},1,,,failed,StoreKeyConflict,differs\r\n`);
  const log = `key,bytes,sha256,crc32,result,reason,detail\r\n${lines.join('')}`;
  writeFileSync(join(paths.reports, job.id, 'failure.csv'), log);
  await db.transaction(async (tx) => {
    const failed = { outcome: 'with-errors', objects: 39, failed: 2, ...report } as const;
    await tx
      .update(jobs)
      .set({
        state: 'importing',
        sealed: true,
        seal: sealOf(),
        reported: true,
        report: reportOf(job, failed),
        outcome: 'with-errors',
      })
      .where(eq(jobs.id, job.id));
  });
  return job.id;
}

test('losses are shown with the name of their list, and accepted by it', async () => {
  const h = await commandHost();
  const jobId = await failedImport(h);
  const accept = (role: 'operator' | 'facility', ...words: string[]) =>
    h.run(role, 'job', 'accept-losses', jobId, ...words);
  const shown = await accept('operator');
  const list = /their list: ([0-9a-f]{64})/.exec(shown.out)?.[1] ?? '';
  expect(shown.out).toContain('2 objects of job');
  expect(shown.out).toContain('a/2: StoreKeyConflict');
  expect(shown.out).toContain(`--list ${list}`);
  expect(await accept('operator', '--list', list)).toMatchObject({ exit: 2 });
  expect((await accept('facility', '--list', list, '--note', 'n', '--json')).last).toMatchObject({
    code: 'Forbidden',
  });
  const other = await accept('operator', '--list', '0'.repeat(64), '--note', 'n', '--json');
  expect(other.last).toMatchObject({ code: 'LossListDiffers' });
  const done = await accept('operator', '--list', list, '--note', 'copies of last year');
  expect(done.out).toMatch(/accepted: 2 objects of job \S+ are given up; it is completed/);
  expect(done.out).toMatch(/its device is kept until \d{4}-/);
  const { out } = await h.run('viewer', 'job', 'show', jobId);
  expect(out).toContain('loss of 2 objects accepted by operator');
  expect(out).toContain('the grace time after the accepted losses ends');
});

test('failed objects are asked for again', async () => {
  const h = await commandHost();
  const jobId = await failedImport(h);
  const { last } = await h.run('facility', 'job', 'retry-failed', jobId, '--json');
  expect(last).toMatchObject({ job: { retryRequested: expect.stringMatching(/^\d{4}-/) } });
  const whole = await failedImport(h, { objects: 41, failed: 0 });
  expect((await h.run('facility', 'job', 'retry-failed', whole, '--json')).last).toMatchObject({
    code: 'NothingLost',
  });
});

test('decisions say why, and are for those who may take them', async () => {
  const h = await commandHost();
  const jobId = await failedImport(h);
  expect(await h.run('admin', 'job', 'allow-erase', jobId)).toMatchObject({ exit: 2 });
  // The job still needs the device.
  const early = await h.run('admin', 'job', 'allow-erase', jobId, '--note', 'n', '--json');
  expect(early.last).toMatchObject({ code: 'PreconditionFailed' });
  const restored = await h.run(
    'operator',
    'job',
    'confirm-restored',
    jobId,
    '--note',
    'n',
    '--json',
  );
  expect(restored.last).toMatchObject({ code: 'BadRequest' });
});

test('a job says what becomes of objects that are there already', async () => {
  const h = await commandHost();
  const create = ['job', 'create', '--name', 'archive', '--option', 'disk', '--type', 'import'];
  const rest = ['--size', '4TB', '--store', 'embedded', '--bucket', 'default', '--json'];
  const { last } = await h.run('operator', ...create, ...rest, '--overwrite', 'if-different');
  const { id, overwritePolicy } = last.job as JobDetail;
  expect(overwritePolicy).toBe('if-different');
  const change = await h.run('operator', 'job', 'change', id, '--overwrite', 'always', '--json');
  expect(change.last).toMatchObject({ job: { overwritePolicy: 'always' } });
  expect((await h.run('viewer', 'job', 'show', id)).out).toMatch(/existing objects: +written anew/);
});
