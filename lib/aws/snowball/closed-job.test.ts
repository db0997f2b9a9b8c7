import { DescribeJobCommand } from '@aws-sdk/client-snowball';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { jobs } from '../../server/db/schema/jobs.ts';
import { reportIncident } from '../../server/incidents/incidents.ts';
import { getJob } from '../../server/jobs/job.ts';
import { act } from '../../server/lifecycle/transitions.ts';
import { putReport } from '../../server/reports/reports.ts';
import { awsWorld } from '../../testing/aws-world.ts';
import { newJobBody } from '../../testing/console-world.ts';
import { reportOf, sealOf } from '../../testing/evidence.ts';

const STATION = { id: 'station:dock', role: 'station', channel: 'token' } as const;
const ADMIN = { id: 'person:admin', role: 'admin', channel: 'token' } as const;

test('a job that was closed tells what did land until then', async () => {
  const world = await awsWorld();
  const { console } = world;
  const now = new Date();
  const { id: JobId } = await (await world.as('admin')).call('createJob', { body: newJobBody() });
  const loaded = { state: 'importing', sealed: true, seal: sealOf(), copyPhase: 'sealed' } as const;
  await console.db.transaction(async (tx) => {
    await tx.update(jobs).set(loaded).where(eq(jobs.id, JobId));
  });
  const incident = { jobId: JobId, kind: 'import-failed', note: 'no rights' } as const;
  await reportIncident(console.db, STATION, incident, now);
  await act(console.db, ADMIN, { jobId: JobId, action: 'close' }, now);
  const partial = { outcome: 'with-errors', objects: 2, bytes: 200, partial: true } as const;
  const summary = reportOf(await getJob(console.db.read, JobId), partial);
  const header = 'key,bytes,sha256,crc32,result,reason,detail\r\n';
  const files = {
    'success.csv': `${header}a,100,,,written,,\r\nb,100,,,written,,\r\n`,
    'failure.csv': header,
    'summary.json': JSON.stringify(summary),
  } as const;
  for (const [file, text] of Object.entries(files) as [keyof typeof files, string][]) {
    const content = new Blob([text]).stream();
    await putReport(console, STATION, { jobId: JobId, file, content }, now);
  }
  const snowball = await world.snowball('admin');
  const { JobMetadata } = await snowball.send(new DescribeJobCommand({ JobId }));
  expect(JobMetadata).toMatchObject({
    JobState: 'Complete',
    DataTransferProgress: { ObjectsTransferred: 2, BytesTransferred: 200, TotalObjects: 41 },
  });
  const success = await fetch(JobMetadata?.JobLogInfo?.JobSuccessLogURI ?? '');
  expect(await success.text()).toBe(files['success.csv']);
});
