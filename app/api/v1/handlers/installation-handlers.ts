import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { openApiDocument } from '../../../../lib/api/openapi.ts';
import { WaybillError } from '../../../../lib/domain/errors.ts';
import { describeSizes, OPTION_RULES, planJobs } from '../../../../lib/domain/options.ts';
import { PERMISSIONS } from '../../../../lib/domain/permissions.ts';
import { OPTIONS, PEOPLE_ROLES } from '../../../../lib/domain/words.ts';
import { headIn } from '../../../../lib/keys/custody/head.ts';
import { checkCustody, type FullCheck } from '../../../../lib/server/custody/check.ts';
import { signHead } from '../../../../lib/server/custody/heads.ts';
import { custodyLines, listCustody } from '../../../../lib/server/custody/log.ts';
import { custodyNames } from '../../../../lib/server/custody/names.ts';
import {
  addDevice,
  changeDevice,
  listDevices,
  showDevice,
} from '../../../../lib/server/devices/device-register.ts';
import { trySample } from '../../../../lib/server/processing/run-sample.ts';
import { isSetUp, setUp } from '../../../../lib/server/startup/installation.ts';
import { ending } from '../../../../lib/server/startup/running-console.ts';
import { checkStore, makeBucket } from '../../../../lib/server/stores/buckets.ts';
import {
  addStore,
  changeStore,
  changeStoreCredentials,
  listStores,
} from '../../../../lib/server/stores/stores.ts';
import { eventStream } from '../event-stream.ts';
import { fileResponse } from '../file-response.ts';
import type { Handlers } from '../handle.ts';

type InstallationRoutes =
  | 'health'
  | 'openapi'
  | 'caCertificate'
  | 'agentProgram'
  | 'sampleProcessing'
  | 'setUp'
  | 'options'
  | 'plan'
  | 'roles'
  | 'listDevices'
  | 'getDevice'
  | 'addDevice'
  | 'changeDevice'
  | 'listStores'
  | 'addStore'
  | 'changeStore'
  | 'checkStore'
  | 'makeBucket'
  | 'changeStoreCredentials'
  | 'listCustody'
  | 'exportCustody'
  | 'verifyCustody'
  | 'checkCustodyHead'
  | 'custodyHead'
  | 'events';

/** The installation itself: what it offers, its devices and stores, its custody log. */
export const installationHandlers: Pick<Handlers, InstallationRoutes> = {
  health: async ({ context }) => ({
    status: 'ok',
    version: context.config.version,
    setUp: await isSetUp(context.db.read),
  }),
  openapi: ({ context }) => openApiDocument(context.config.version),
  caCertificate: ({ context }) =>
    fileResponse(context.authority.certificatePem, {
      type: 'application/x-pem-file',
      name: 'waybill-ca.pem',
    }),
  agentProgram: async ({ context }) => {
    const path = context.config.agentProgram;
    const { size } = await stat(path).catch(() => {
      throw new WaybillError('NotFound', { what: 'program', id: 'waybill.mjs' });
    });
    const content = Readable.toWeb(createReadStream(path)) as ReadableStream;
    return fileResponse(content, { type: 'text/javascript', name: 'waybill.mjs', bytes: size });
  },
  sampleProcessing: ({ context, body }) =>
    trySample(context.config.agentProgram, {
      ...body,
      content: Buffer.from(body.content, 'base64'),
    }),
  setUp: ({ context, body, now }) => setUp(context, body, now),
  options: () => ({
    options: OPTIONS.map((option) => {
      const { label, summary, owner, encryption, processing, managedInConsole, deviceShipsFirst } =
        OPTION_RULES[option];
      const flags = { processing, managedInConsole, deviceShipsFirst };
      return { option, label, summary, owner, sizes: describeSizes(option), encryption, ...flags };
    }),
  }),
  plan: ({ query }) => planJobs(query.option, query.bytes),
  roles: () => ({
    permissions: Object.fromEntries(
      Object.entries(PERMISSIONS).map(([name, roles]) => [name, [...roles]]),
    ),
    roles: [...PEOPLE_ROLES],
  }),
  listDevices: async ({ context, actor, query }) => {
    const { limit, after, ...filter } = query;
    const page = { after, limit: limit + 1 };
    const { devices, total } = await listDevices(context.db.read, actor, filter, page);
    const shown = devices.slice(0, limit);
    const next = devices.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return { devices: shown, next, total };
  },
  getDevice: ({ context, actor, params }) => showDevice(context.db.read, actor, params.deviceId),
  addDevice: ({ context, actor, body, now }) => addDevice(context.db, actor, body, now),
  changeDevice: ({ context, actor, params, body, now }) =>
    changeDevice(context.db, actor, params.deviceId, body, now),
  listStores: async ({ context }) => ({ stores: await listStores(context.db.read) }),
  addStore: ({ context, actor, body, now }) => addStore(context, actor, body, now),
  changeStore: ({ context, actor, params, body, now }) =>
    changeStore(context, actor, params.storeId, body, now),
  checkStore: ({ context, actor, params, body }) =>
    checkStore(context, actor, { ...params, ...body }),
  makeBucket: ({ context, actor, params, body, now }) =>
    makeBucket(context, actor, { ...params, ...body }, now),
  changeStoreCredentials: ({ context, actor, params, body, now }) =>
    changeStoreCredentials(context, actor, params.storeId, body, now),
  listCustody: async ({ context, query }) => {
    const { limit, ...filter } = query;
    const found = await listCustody(context.db.read, { ...filter, limit: limit + 1 });
    const entries = found.slice(0, limit);
    const names = await custodyNames(context.db.read, entries);
    const next = found.length > limit ? (entries.at(-1)?.seq ?? null) : null;
    return { entries, names, next };
  },
  exportCustody: ({ context, query }) => {
    const lines = Readable.from(custodyLines(context.db.read, query), { objectMode: false });
    const content = Readable.toWeb(lines) as ReadableStream;
    return fileResponse(content, { type: 'application/x-ndjson', name: 'custody-log.jsonl' });
  },
  verifyCustody: async ({ context, now }) => toCheckResult(await checkCustody(context, [], now)),
  checkCustodyHead: async ({ context, body, now }) => {
    const given = headIn(new Uint8Array(await new Response(body).arrayBuffer()));
    return toCheckResult(await checkCustody(context, [given], now));
  },
  custodyHead: async ({ context, now }) => {
    const head = await signHead(context, now);
    if (!head) throw new WaybillError('NotFound', { what: 'custody log', id: 'head' });
    return fileResponse(new Uint8Array(head.der), {
      type: 'application/pkcs7-mime',
      name: `custody-head-${head.seq}.cms`,
      bytes: head.der.length,
    });
  },
  events: ({ context, query, request }) => {
    const resumed = Number(request.headers.get('last-event-id') ?? Number.NaN);
    const after = Number.isSafeInteger(resumed) ? resumed : query.after;
    const { jobId } = query;
    // Whoever asks a console that ends asks again later, and finds the next one.
    if (ending().aborted)
      return new Response(null, { status: 503, headers: { connection: 'close' } });
    const signal = AbortSignal.any([request.signal, ending()]);
    return eventStream(context, { after, jobId, signal });
  },
};

const toCheckResult = ({ entries, brokenAt, head, heads }: FullCheck) => ({
  entries,
  brokenAt: brokenAt ?? null,
  head,
  heads,
});
