import { CreateJobCommand, ListJobsCommand, type SnowballClient } from '@aws-sdk/client-snowball';
import { expect, test } from 'vitest';
import { ERRORS } from '../domain/errors.ts';
import { openAdmin } from '../server/admin/open-admin.ts';
import { rotateMasterKey } from '../server/admin/rotate.ts';
import { awsWorld } from '../testing/aws-world.ts';

/** Requests that a client sends twice, in another protocol, or after the keys of the installation have changed. */

interface Signed {
  headers: Record<string, string>;
  body: string;
}

/** The requests that a client signs, as they go out. */
function captured(client: SnowballClient): Signed[] {
  const sent: Signed[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      sent.push({ ...(args.request as Signed) });
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'capture' },
  );
  return sent;
}

test('identical orders of one second are as many orders', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const S3Resources = [{ BucketArn: 'arn:aws:s3:::default' }];
  const order = () =>
    client.send(new CreateJobCommand({ JobType: 'IMPORT', Resources: { S3Resources } }));
  const made = await Promise.all(Array.from({ length: 20 }, order));
  expect(new Set(made.map(({ JobId }) => JobId)).size).toBe(20);
});

test('a link that is none is answered as one', async () => {
  const world = await awsWorld();
  const answer = await fetch(`${world.endpoint}/link/%zz`);
  expect(answer.status).toBe(ERRORS.LinkInvalid.http);
});

test('secrets of access keys are not guessed at as fast as the line goes', async () => {
  const world = await awsWorld({ WAYBILL_SIGN_INS_PER_MINUTE: '2' });
  const key = await world.key('operator');
  const client = world.snowballWith({ ...key, secretAccessKey: 'guessed' });
  const list = () => client.send(new ListJobsCommand({}));
  const names: string[] = [];
  for (let i = 0; i < 3; i += 1) await list().catch((error: Error) => void names.push(error.name));
  expect(names.at(-1)).toBe('ThrottlingException');
  expect(names[0]).not.toBe('ThrottlingException');
  await expect(world.snowballWith(key).send(new ListJobsCommand({}))).rejects.toMatchObject({
    name: 'ThrottlingException',
  });
});

test('where replays are refused, a request that makes something is taken once; one that only reads, again', async () => {
  const world = await awsWorld({ WAYBILL_REFUSE_REPLAYS: 'yes' });
  const client = await world.snowball('operator');
  const sent = captured(client);
  const S3Resources = [{ BucketArn: 'arn:aws:s3:::default' }];
  await client.send(new CreateJobCommand({ JobType: 'IMPORT', Resources: { S3Resources } }));
  await client.send(new ListJobsCommand({}));
  const again = await Promise.all(
    sent.map(({ headers, body }) => fetch(world.endpoint, { method: 'POST', headers, body })),
  );
  expect(again.map(({ status }) => status)).toEqual([400, 200]);
  expect(await again[0]?.json()).toMatchObject({
    __type: 'ThrottlingException',
    Message: expect.stringContaining('already taken'),
  });
  const { JobListEntries } = await client.send(new ListJobsCommand({}));
  expect(JobListEntries).toHaveLength(1);
});

test('a client that speaks CBOR is told so in CBOR', async () => {
  const world = await awsWorld();
  const answer = await fetch(`${world.endpoint}/service/Snowball/operation/ListJobs`, {
    method: 'POST',
    body: new Uint8Array([0xa0]),
    headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
  });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('smithy-protocol')).toBe('rpc-v2-cbor');
  const bytes = Buffer.from(await answer.arrayBuffer());
  // A map of two texts (RFC 8949).
  expect(bytes[0]).toBe(0xa2);
  expect(bytes.toString('latin1')).toContain('UnknownOperationException');
  expect(bytes.toString('latin1')).toContain('AWS JSON 1.1');
});

test('an access key is good after the master key has changed', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const admin = await openAdmin({ data: world.console.config.dataDir }, process.cwd());
  await rotateMasterKey(admin, { retireOld: true });
  admin.db.close();
  expect((await client.send(new ListJobsCommand({}))).JobListEntries).toEqual([]);
});
