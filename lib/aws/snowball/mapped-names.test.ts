import { DescribeJobCommand, UpdateJobCommand } from '@aws-sdk/client-snowball';
import { expect, test } from 'vitest';
import { awsWorld } from '../../testing/aws-world.ts';
import { BUCKET, fails, make } from '../../testing/snowball-orders.ts';

/** What AWS calls by an ARN is here what has its name. */

test('a topic is the target of its name, and hears of the states that were asked for', async () => {
  const world = await awsWorld();
  const admin = await world.as('admin');
  const target = await admin.call('addTarget', {
    body: {
      name: 'shipping',
      kind: 'email',
      address: 'ship@example.org',
      everyJob: false,
      notifyAll: false,
      states: [],
      attention: false,
    },
  });
  const client = await world.snowball('operator');
  const Notification = {
    SnsTopicARN: 'arn:aws:sns:eu-west-1:123456789012:shipping',
    JobStatesToNotify: ['WithCustomer', 'InProgress'] as ('WithCustomer' | 'InProgress')[],
  };
  const JobId = await make(client, { Notification });
  const params = { jobId: JobId };
  const chosen = { targetIds: [target.id], notifyAll: false, attention: false };
  expect((await admin.call('getJob', { params })).notification).toEqual({
    ...chosen,
    states: ['exporting', 'at-site', 'importing'],
  });
  await admin.call('changeJob', {
    params,
    body: { notification: { ...chosen, states: ['completed'] } },
  });
  const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
  expect(JobMetadata?.Notification).toMatchObject({
    SnsTopicARN: Notification.SnsTopicARN,
    JobStatesToNotify: ['Complete'],
  });
  const SnsTopicARN = 'arn:aws:sns:eu-west-1:123456789012:nobody';
  await client.send(new UpdateJobCommand({ JobId, Notification: { SnsTopicARN } }));
  expect((await admin.call('getJob', { params })).notification).toBeNull();
});

test('functions are the steps of their names, on the keys of their triggers', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const functions = (name: string, trigger: string) => ({
    SnowballType: 'EDGE' as const,
    Resources: {
      S3Resources: [BUCKET],
      LambdaResources: [
        {
          LambdaArn: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
          EventTriggers: [{ EventResourceARN: `arn:aws:s3:::${trigger}` }],
        },
      ],
    },
  });
  const asked = functions('zstd', 'default/logs/*');
  const JobId = await make(client, asked);
  const operator = await world.as('operator');
  const params = { jobId: JobId };
  expect((await operator.call('getJob', { params })).processing).toEqual({
    originals: 'keep',
    onFailure: 'keep',
    steps: [{ step: 'zstd', level: 3, match: ['logs/**'] }],
  });
  const told = async () =>
    (await client.send(new DescribeJobCommand({ JobId }))).JobMetadata?.Resources?.LambdaResources;
  expect(await told()).toEqual(asked.Resources.LambdaResources);
  await operator.call('changeJob', { params, body: { processing: null } });
  expect(await told()).toBeUndefined();
  // Code of one's own is kept under the name first; a job has it as it was then.
  const code = 'export const handler = async () => {};';
  const name = 'resize';
  await operator.call('keepFunction', {
    params: { name },
    body: { code, options: { memoryMB: 512 } },
  });
  const own = await make(client, functions('resize:7', 'default/pictures/*'));
  await operator.call('keepFunction', { params: { name }, body: { code: `${code} // changed` } });
  expect((await operator.call('getJob', { params: { jobId: own } })).processing).toMatchObject({
    steps: [{ step: 'function', code, memoryMB: 512, match: ['pictures/**'] }],
  });
  await operator.call('removeFunction', { params: { name } });
  for (const changes of [
    functions('resize', 'default/*'),
    functions('convert', 'default/*'),
    functions('gzip', 'other/*'),
    { ...asked, SnowballType: 'STANDARD' as const },
  ])
    expect((await fails(make(client, changes))).name).toBe('InvalidInputCombinationException');
});
