import { describe, expect, test } from 'vitest';
import { type Client, createClient, routeUrl } from './client.ts';
import { isRaw, ROUTE_NAMES, routeSpec } from './contract.ts';
import { openApiDocument } from './openapi.ts';
import { apiReference } from './reference.ts';

const answering = (status: number, body: unknown): Client =>
  createClient({
    baseUrl: 'http://console',
    token: 'secret-token',
    fetch: async () => new Response(JSON.stringify(body), { status }),
  });

describe('the contract', () => {
  test('has every method of a path once', () => {
    const keys = ROUTE_NAMES.map((name) => `${routeSpec(name).method} ${routeSpec(name).path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('reads nothing from the body of a GET', () => {
    for (const name of ROUTE_NAMES) {
      const { method, body } = routeSpec(name);
      if (method === 'GET') expect({ name, body }).toEqual({ name, body: undefined });
      if (isRaw(body)) expect(body.max).toBeGreaterThan(0);
    }
  });

  test('says of each route on the wire what its schemas say', () => {
    for (const name of ROUTE_NAMES) {
      const { body, answer, sends, raw } = routeSpec(name);
      expect({ name, sends }).toEqual({ name, sends: isRaw(body) ? body.raw : undefined });
      expect({ name, raw }).toEqual({ name, raw: isRaw(answer) || undefined });
    }
  });

  test('makes an OpenAPI document with every route', () => {
    const { paths } = openApiDocument('1') as { paths: Record<string, Record<string, object>> };
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    expect(operations).toHaveLength(ROUTE_NAMES.length);
    expect(JSON.stringify(paths)).toContain('"sizeBytes"');
  });

  test('is what API.md says', async () => {
    await expect(apiReference()).toMatchFileSnapshot('API.md');
  });
});

describe('the client', () => {
  test('fills paths and queries without letting a value leave its place', () => {
    expect(routeUrl('/jobs/{jobId}', { jobId: '../x?y' }, { limit: 5, before: undefined })).toBe(
      '/api/v1/jobs/..%2Fx%3Fy?limit=5',
    );
  });

  test('throws the error that the server sent', async () => {
    const client = answering(409, {
      error: {
        code: 'DeviceNotAvailable',
        message: '',
        next: '',
        facts: { deviceId: 'D', state: 'lost' },
      },
    });
    await expect(client.call('me')).rejects.toMatchObject({
      code: 'DeviceNotAvailable',
      message: 'device D is lost',
    });
  });

  test('says that the console does not answer when something else answers', async () => {
    for (const client of [answering(502, 'bad gateway'), answering(200, undefined)]) {
      await expect(client.call('me')).rejects.toMatchObject({ code: 'ConsoleUnreachable' });
    }
    const down = createClient({
      baseUrl: 'http://console',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    await expect(down.call('me')).rejects.toMatchObject({ code: 'ConsoleUnreachable' });
  });

  test('an abort is an abort', async () => {
    const signal = AbortSignal.abort();
    const client = createClient({
      baseUrl: 'http://console',
      fetch: (_, init) => Promise.reject(init?.signal?.reason),
    });
    await expect(client.call('me', { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('an id that is empty is refused before anything is asked: it would name another route', async () => {
  const asked: string[] = [];
  const client = createClient({
    baseUrl: 'http://127.0.0.1:9',
    fetch: async (url) => {
      asked.push(String(url));
      return Response.json({});
    },
  });
  const params = { jobId: '' };
  await expect(client.call('stationCredentials', { params })).rejects.toMatchObject({
    code: 'Usage',
    facts: { detail: 'jobId is empty' },
  });
  expect(asked).toEqual([]);
});
