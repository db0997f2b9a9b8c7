import { randomUUID } from 'node:crypto';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { redact } from '../keys/secrets.ts';
import { type Actor, authorize } from '../server/actors/actor.ts';
import { expireDiskOrders } from '../server/aws/disk-expiry.ts';
import type { ServerContext } from '../server/context/server-context.ts';
import { addressOf, countAttempt, requireAttemptsLeft } from '../server/limits/rate-limit.ts';
import { readBody } from '../server/limits/read-body.ts';
import { forgetSignature, openAccessKey, spendSignature } from '../server/people/access-keys.ts';
import type { RawRequest } from '../signing/canonical-request.ts';
import { isSignedV2, verifyFields } from '../signing/verify-sigv2.ts';
import { type Verified, verifyRequest } from '../signing/verify-sigv4.ts';
import { DISK_OPERATIONS } from './import-export/operations.ts';
import { LINK_PATH, serveLink } from './links.ts';
import { checkInput } from './model/check-input.ts';
import { IMPORT_EXPORT_MODEL, SNOWBALL_MODEL } from './model/service-model.ts';
import { SNOWBALL_OPERATIONS } from './snowball/operations.ts';
import { cborRefusal, isCbor } from './wire/cbor.ts';
import { internalError, wireError } from './wire/error-map.ts';
import { jsonAnswer, jsonError, operationOf, readJsonBody } from './wire/json.ts';
import { actionOf, inputOf, queryAnswer, queryError, queryFields } from './wire/query.ts';

/** The largest body of a request: manifests and lists of buckets are small. */
const BODY_MAX = 1024 * 1024;

/** Answers a request below /api/aws: a link, or an operation of one of the two services. */
export async function handleAws(
  context: ServerContext,
  request: Request,
  now = new Date(),
): Promise<Response> {
  const response = await route(context, request, now);
  response.headers.set('cache-control', 'no-store');
  response.headers.set('x-content-type-options', 'nosniff');
  // A client whose clock is off reads from this how far.
  response.headers.set('date', now.toUTCString());
  return response;
}

async function route(context: ServerContext, request: Request, now: Date): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (pathname.startsWith(LINK_PATH)) {
    return guarded(context, request, plainError, () =>
      serveLink(context, pathname.slice(LINK_PATH.length), now),
    );
  }
  if (isCbor(pathname, request.headers)) return cborRefusal();
  const requestId = randomUUID();
  const isJson = request.headers.has('x-amz-target');
  const respond = (error: WaybillError) =>
    isJson
      ? jsonError(wireError(error, 'json'), requestId)
      : queryError(IMPORT_EXPORT_MODEL, wireError(error, 'query'), requestId);
  return guarded(context, request, respond, async () => {
    const { headers, method } = request;
    const raw: RawRequest = {
      method,
      path: pathname,
      query: search.slice(1),
      headers,
      body: await readBody(request, { bytesMax: BODY_MAX }),
    };
    const attempts = signatureAttempts(context, request);
    await requireAttemptsLeft(context.db.read, attempts, now);
    try {
      return await (isJson ? snowball : importExport)(context, raw, { requestId, now });
    } catch (error) {
      if (isWaybillError(error, 'SignatureMismatch', 'AccessKeyUnknown'))
        await countAttempt(context.db, attempts, now);
      throw error;
    }
  });
}

/** Signatures that do not fit are counted by address: a secret is not guessed at as fast as the line goes. */
const signatureAttempts = ({ config }: ServerContext, request: Request) => ({
  what: 'signature',
  address: addressOf(request, config.proxies),
  max: config.signInsPerMinute,
});

async function snowball(
  context: ServerContext,
  raw: RawRequest,
  { requestId, now }: { requestId: string; now: Date },
): Promise<Response> {
  const target = raw.headers.get('x-amz-target') ?? '';
  const name = operationOf(target, SNOWBALL_MODEL.targetPrefix ?? '');
  const operation = SNOWBALL_OPERATIONS.get(name ?? '');
  const openKey = (id: string) => openAccessKey(context, id, now);
  const verified = await verifyRequest(raw, { services: ['snowball'], openKey, now });
  if (!name || !operation) throw new WaybillError('OperationUnknown', { operation: target });
  const { actor } = verified;
  authorize(actor, 'job.read');
  const input = checkInput(SNOWBALL_MODEL, name, readJsonBody(raw.body));
  const call = { context, actor, input, now };
  const run = () => operation.run(call);
  const output = countsOnce(context, operation)
    ? await once(context, verified, now, run)
    : await run();
  return jsonAnswer(output, requestId);
}

/** Names of Import/Export in a signature's scope: of AWS's clients, and of its endpoint. */
const DISK_SERVICES = ['IngestionService', 'importexport'];

async function importExport(
  context: ServerContext,
  raw: RawRequest,
  { requestId, now }: { requestId: string; now: Date },
): Promise<Response> {
  const fields = queryFields(raw);
  const openKey = (id: string) => openAccessKey(context, id, now);
  const verified = isSignedV2(fields)
    ? await verifyFields(raw, fields, { openKey, now })
    : await verifyRequest(raw, { services: DISK_SERVICES, openKey, now });
  const { apiVersion } = IMPORT_EXPORT_MODEL;
  const name = actionOf(fields);
  const operation = DISK_OPERATIONS.get(name ?? '');
  if (!name || !operation)
    throw new WaybillError('OperationUnknown', { operation: name ?? 'without a name' });
  const version = fields.get('Version') ?? fields.get('APIVersion') ?? apiVersion;
  if (version !== apiVersion) throw new WaybillError('ApiVersionUnknown', { found: version });
  const { actor } = verified;
  authorize(actor, 'job.read');
  const input = checkInput(IMPORT_EXPORT_MODEL, name, inputOf(IMPORT_EXPORT_MODEL, name, fields));
  await expireDiskOrders(context.db, now);
  const call = { context, actor, keyId: actor.tokenId ?? '', input, now };
  const run = () => operation.run(call);
  const output = countsOnce(context, operation)
    ? await once(context, verified, now, run)
    : await run();
  return queryAnswer(IMPORT_EXPORT_MODEL, name, output, requestId);
}

/** Whether a signed request counts once only: with AWS, identical orders of one second are as many orders. */
const countsOnce = (
  { config }: ServerContext,
  { once: isOnce, tellsSecret }: { once: boolean; tellsSecret?: boolean },
) => tellsSecret === true || (isOnce && config.refuseReplays);

/** Runs what must not run twice for one signature; after a failure inside, the same request may come again. */
export async function once<T>(
  { db }: ServerContext,
  { signature, goodUntil }: Verified<Actor>,
  now: Date,
  run: () => Promise<T>,
): Promise<T> {
  await spendSignature(db, signature, goodUntil, now);
  try {
    return await run();
  } catch (error) {
    if (!isWaybillError(error) || error.http >= 500) await forgetSignature(db, signature);
    throw error;
  }
}

const plainError = ({ message, next, http }: WaybillError): Response =>
  new Response(`${message}\n${next}\n`, {
    status: http,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });

/** Errors of the table are told as they are; anything else is a bug: told by a reference, logged in full. */
async function guarded(
  { log }: ServerContext,
  request: Request,
  tell: (error: WaybillError) => Response,
  run: () => Promise<Response>,
): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (isWaybillError(error)) return tell(error);
    const reference = randomUUID();
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error({ reference, method: request.method, stack: redact(stack) }, 'AWS request failed');
    return tell(internalError(reference));
  }
}
