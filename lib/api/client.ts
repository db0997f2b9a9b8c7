import { ERRORS, type ErrorCode, type Facts, WaybillError } from '../domain/errors.ts';
import type { AnswerOf, BodyInput, ParamsOf, QueryInput, Raw } from './contract.ts';
import type { Failure } from './schemas/fields.ts';
import { API_BASE, type RouteName, WIRE, type Wire } from './wire.ts';

type Given<T> = [T] extends [undefined] ? unknown : T;
/** What a call of a route needs: its path's parts, its query, its body. */
export type CallOptions<N extends RouteName> = (keyof ParamsOf<N> extends never
  ? unknown
  : { params: ParamsOf<N> }) &
  ([QueryInput<N>] extends [undefined] ? unknown : { query?: QueryInput<N> }) &
  ([BodyInput<N>] extends [undefined] ? unknown : { body: Given<BodyInput<N>> }) & {
    signal?: AbortSignal;
  };

/** JSON answers are values; files and streams are the response itself. */
export type CallResult<N extends RouteName> = AnswerOf<N> extends Raw ? Response : AnswerOf<N>;

export interface Client {
  call<N extends RouteName>(name: N, options?: CallOptions<N>): Promise<CallResult<N>>;
}

export interface ClientOptions {
  /** Address of the console; empty for the page's own. */
  baseUrl: string;
  token?: string;
  fetch?: typeof fetch;
}

const NO_CONTENT = 204;

/**
 * A typed client of /api/v1. Errors of the server are thrown as the WaybillError they are; a server that does
 * not answer is ConsoleUnreachable.
 */
export function createClient({ baseUrl, token, fetch: send = fetch }: ClientOptions): Client {
  return {
    async call<N extends RouteName>(name: N, options?: CallOptions<N>): Promise<CallResult<N>> {
      const route: Wire = WIRE[name];
      const given = (options ?? {}) as {
        params?: Record<string, string>;
        query?: Record<string, unknown>;
        body?: unknown;
        signal?: AbortSignal;
      };
      requireParams(route.path, given.params ?? {});
      const url = baseUrl + routeUrl(route.path, given.params, given.query);
      const body = encodeBody(route.sends, given.body);
      const init: RequestInit & { duplex?: 'half' } = {
        method: route.method,
        headers: {
          ...(body?.type ? { 'content-type': body.type } : {}),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(body ? { body: body.content, duplex: 'half' } : {}),
        ...(given.signal ? { signal: given.signal } : {}),
        redirect: 'error',
      };
      const response = await answered(() => send(url, init), baseUrl, given.signal);
      if (!response.ok) throw await errorOf(response, baseUrl);
      if (route.raw) return response as CallResult<N>;
      if (response.status === NO_CONTENT) return null as CallResult<N>;
      return (await answered(() => response.json(), baseUrl, given.signal)) as CallResult<N>;
    },
  };
}

/** An id that is empty would name another route. Throws Usage. */
function requireParams(path: string, params: Record<string, string>): void {
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g))
    if (!params[name]) throw new WaybillError('Usage', { detail: `${name} is empty` });
}

/** Path and query of a call, below the console's address. */
export function routeUrl(
  path: string,
  params: Record<string, string> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  ).toString();
  return `${API_BASE}${filled}${search ? `?${search}` : ''}`;
}

function encodeBody(
  type: string | undefined,
  body: unknown,
): { type: string; content: BodyInit } | undefined {
  if (body === undefined) return undefined;
  if (type) return { type, content: body as BodyInit };
  return { type: 'application/json', content: JSON.stringify(body) };
}

async function answered<T>(
  work: () => Promise<T>,
  url: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new WaybillError(
      'ConsoleUnreachable',
      { url, detail: reasonOf(error) },
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.message : 'no answer';
}

/** The error that an answer carries; one that speaks another language is ConsoleUnreachable. */
async function errorOf(response: Response, url: string): Promise<WaybillError> {
  const read = (await response.json().catch(() => undefined)) as Partial<Failure> | undefined;
  const { code, facts } = read?.error ?? {};
  if (code !== undefined && typeof facts === 'object' && Object.hasOwn(ERRORS, code))
    return new WaybillError(code as ErrorCode, facts as Facts);
  return new WaybillError('ConsoleUnreachable', { url, detail: `it answers ${response.status}` });
}
