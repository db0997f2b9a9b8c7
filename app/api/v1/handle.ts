import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type AnswerOf,
  type BodyOutput,
  isRaw,
  type ParamsOf,
  type QueryOutput,
  type Raw,
  ROUTE_NAMES,
  type RouteSpec,
  routeSpec,
} from '../../../lib/api/contract.ts';
import { parseRequest } from '../../../lib/api/parse-request.ts';
import { API_BASE, type RouteName } from '../../../lib/api/wire.ts';
import { type Facts, isWaybillError, WaybillError } from '../../../lib/domain/errors.ts';
import { redact } from '../../../lib/keys/secrets.ts';
import { type Actor, authorize } from '../../../lib/server/actors/actor.ts';
import type { ServerContext } from '../../../lib/server/context/server-context.ts';
import { addressOf, countAttempt } from '../../../lib/server/limits/rate-limit.ts';
import { readJson } from '../../../lib/server/limits/read-json.ts';
import { actorOfRequest } from '../../../lib/server/requests/request-actor.ts';
import { checkSession } from '../../../lib/server/requests/session-limits.ts';

/** What a handler is given; everything has been checked against the contract. */
export interface Call<N extends RouteName> {
  context: ServerContext;
  actor: Actor;
  params: ParamsOf<N>;
  query: QueryOutput<N>;
  body: BodyOutput<N>;
  request: Request;
  now: Date;
}

/** A JSON answer, a file or stream, or nothing: as the contract says. */
type Answer<N extends RouteName> =
  AnswerOf<N> extends null
    ? Promise<void>
    : AnswerOf<N> extends Raw
      ? Response | Promise<Response>
      : AnswerOf<N> | Promise<AnswerOf<N>>;

/** One function a route; a route without one does not compile. */
export type Handlers = { [N in RouteName]: (call: Call<N>) => Answer<N> };

/** A job's processing steps may carry code. */
const JSON_BYTES_MAX = 512 * 1024;
const NO_QUERY = z.object({});
const NOBODY: Actor = { id: 'nobody', role: 'viewer', channel: 'browser' };

/** Answers one request: route, caller, permission, input, handler, errors. The only way into the API. */
export async function handle(
  context: ServerContext,
  handlers: Handlers,
  request: Request,
): Promise<Response> {
  try {
    return withDefaults(await dispatch(context, handlers, request));
  } catch (error) {
    return withDefaults(failed(context, request, error));
  }
}

async function dispatch(
  context: ServerContext,
  handlers: Handlers,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const { name, params } = routeOf(request.method, url.pathname.slice(API_BASE.length));
  const route = routeSpec(name);
  const now = new Date();
  if (route.limited) await limitAttempts(context, request, name, now);
  const actor = await callerOf(context, request, route, params, now);
  await checkSession(context.db.read, actor, name, params.jobId);
  const call = {
    context,
    actor,
    params,
    request,
    now,
    query: parseRequest(route.query ?? NO_QUERY, Object.fromEntries(url.searchParams)),
    body: await bodyOf(request, route),
  };
  const handler = handlers[name] as (call: unknown) => Promise<unknown>;
  const answer = await handler(call);
  if (answer instanceof Response) return answer;
  return route.answer === null ? new Response(null, { status: 204 }) : Response.json(answer);
}

/** What anyone may try is tried by guessing, too. */
async function limitAttempts(context: ServerContext, request: Request, what: RouteName, now: Date) {
  const { config, db } = context;
  const max = config.signInsPerMinute;
  await countAttempt(db, { what, address: addressOf(request, config.proxies), max }, now);
}

/** The route of a method and path; a part that is written out wins over one that is filled in. */
function routeOf(
  method: string,
  path: string,
): { name: RouteName; params: Record<string, string> } {
  const found = ROUTE_NAMES.flatMap((name) => {
    const params = match(routeSpec(name).path, path);
    return params ? [{ name, params }] : [];
  }).sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
  const first = found[0];
  if (!first) throw new WaybillError('RouteUnknown', { method, path: path.slice(0, 200) });
  const fewest = Object.keys(first.params).length;
  const best = found.filter(({ params }) => Object.keys(params).length === fewest);
  const hit = best.find(({ name }) => routeSpec(name).method === method);
  if (hit) return hit;
  const allowed = best.map(({ name }) => routeSpec(name).method).join(', ');
  throw new WaybillError('MethodNotAllowed', { method, path: path.slice(0, 200), allowed });
}

function match(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    const value = given[i] ?? '';
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) params[name] = decode(value);
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WaybillError('BadRequest', { detail: 'the path is not valid' });
  }
}

async function callerOf(
  context: ServerContext,
  request: Request,
  { access }: RouteSpec,
  params: Record<string, string>,
  now: Date,
): Promise<Actor> {
  if (access === 'anyone') return NOBODY;
  const actor = await actorOfRequest(context, request, now);
  if (!actor) throw new WaybillError('NotSignedIn');
  if (access !== 'signed-in') authorize(actor, access, params.jobId);
  return actor;
}

async function bodyOf(request: Request, { body, lenient }: RouteSpec): Promise<unknown> {
  if (!body) return undefined;
  if (!isRaw(body))
    return parseRequest(body, await readJson(request, { bytesMax: JSON_BYTES_MAX }), lenient);
  const length = Number(request.headers.get('content-length') ?? 0);
  if (length > body.max) throw new WaybillError('BodyTooLarge', { limit: body.max });
  if (!request.body) throw new WaybillError('BadRequest', { detail: 'the body is missing' });
  return request.body.pipeThrough(atMost(body.max));
}

/** A body without a length is counted as it comes. */
function atMost(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > limit) controller.error(new WaybillError('BodyTooLarge', { limit }));
      else controller.enqueue(chunk);
    },
  });
}

/** Errors of the table are told as they are; anything else is a bug: told by a reference, logged in full. */
function failed({ log }: ServerContext, request: Request, error: unknown): Response {
  const known = isWaybillError(error) ? error : unexpected(log, request, error);
  const { code, message, next, http } = known;
  const facts = plainFacts(known.facts);
  return Response.json({ error: { code, message, next, facts } }, { status: http });
}

/** Facts of an error as JSON carries them. */
export function plainFacts(facts: Facts): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [
      name,
      typeof fact === 'number' ? fact : String(fact),
    ]),
  );
}

/** An upload that its sender breaks off is no error of ours; it is noted all the same. */
function unexpected(log: ServerContext['log'], request: Request, error: unknown): WaybillError {
  if (!request.signal.aborted || request.method === 'GET') return internal(log, request, error);
  const { method, url } = request;
  const why = redact(error instanceof Error ? error.message : String(error));
  log.info({ method, path: new URL(url).pathname, why }, 'request broken off by its sender');
  return new WaybillError('BodyIncomplete');
}

function internal(log: ServerContext['log'], request: Request, error: unknown): WaybillError {
  const reference = randomUUID();
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const path = new URL(request.url).pathname;
  log.error({ reference, method: request.method, path, stack: redact(stack) }, 'request failed');
  return new WaybillError('Internal', { reference });
}

/** What every answer carries: nothing is kept by caches, nothing is guessed by browsers. */
function withDefaults(response: Response): Response {
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}
