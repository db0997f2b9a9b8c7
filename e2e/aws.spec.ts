import {
  CreateJobCommand,
  DescribeJobCommand,
  ListJobsCommand,
  SnowballClient,
} from '@aws-sdk/client-snowball';
import { expect, test } from './world.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

test('a job that a client of AWS makes is in the console, and the other way round', async ({
  signedIn: page,
  world,
}) => {
  const api = await world.api();
  const key = await api.call('createAccessKey', { body: { name: 'Terraform' } });
  const client = new SnowballClient({
    endpoint: `${world.console.url}/api/aws`,
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: key.id, secretAccessKey: key.secret },
  });
  const { JobId = '' } = await client.send(
    new CreateJobCommand({
      JobType: 'IMPORT',
      SnowballType: 'STANDARD',
      SnowballCapacityPreference: 'T80',
      Resources: { S3Resources: [{ BucketArn: 'arn:aws:s3:::default' }] },
      Description: 'Ordered by the SDK',
    }),
  );
  await page.goto(`${world.console.url}/jobs/${JobId}`);
  await expect(page.getByRole('heading', { name: 'Ordered by the SDK' })).toBeVisible();
  await api.call('actOnJob', { params: { jobId: JobId }, body: { action: 'cancel' } });
  const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
  expect(JobMetadata?.JobState).toBe('Cancelled');
  const { JobListEntries = [] } = await client.send(new ListJobsCommand({ MaxResults: 5 }));
  expect(JobListEntries.map((entry) => entry.JobId)).toContain(JobId);
  client.destroy();
});
