import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { missingRights } from '../domain/store-rights.ts';
import { listening } from '../testing/listening.ts';
import { tryRights } from './right-trials.ts';

const DENIED =
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>not for you</Message></Error>';
const LISTING = '<?xml version="1.0"?><ListBucketResult></ListBucketResult>';

/** An endpoint that lists, writes and reads, and refuses uploads in parts and to delete. */
async function stingyEndpoint(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => {
      const may = request.method === 'GET' || request.method === 'PUT';
      const body = request.url?.includes('list-type') ? LISTING : '';
      response.writeHead(may ? 200 : 403, { 'content-type': 'application/xml' });
      response.end(may ? body : DENIED);
    });
  });
  return { url: await listening(server), asked };
}

test('each right is tried by itself, and what the store says to a refusal is kept', async () => {
  const { url, asked } = await stingyEndpoint();
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' };
  const remote = { endpoint: url, region: 'us-east-1', pathStyle: true, credentials };
  const { trials, abilities } = await tryRights({ kind: 's3', bucket: 'bulk', remote });
  expect(trials.map(({ right, state }) => `${right} ${state}`)).toEqual([
    ...['list allowed', 'write allowed', 'read allowed'],
    ...['multipart refused', 'abort untried', 'delete refused'],
  ]);
  expect(missingRights(trials)).toBe(
    'write an object in parts (AccessDenied: not for you); delete an object (AccessDenied: not for you)',
  );
  expect(abilities).toBeUndefined();
  expect(asked.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
});
