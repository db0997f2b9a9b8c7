import { WaybillError } from '../../domain/errors.ts';
import type { Members } from '../model/service-model.ts';
import type { WireError } from './error-map.ts';

/** AWS JSON 1.1: the operation in a header, members as JSON, times as seconds since 1970. */

const TYPE = 'application/x-amz-json-1.1';

/** The operation that a target names; undefined for another service's target. */
export function operationOf(target: string, prefix: string): string | undefined {
  const [service, operation, ...rest] = target.split('.');
  return service === prefix && rest.length === 0 ? operation : undefined;
}

/** The members of a body; an empty body has none. Throws InputMalformed. */
export function readJsonBody(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new WaybillError('InputMalformed', { detail: 'the body is not JSON' });
  }
}

/** A value as the wire has it: times in seconds, members without a value left out. */
function wireValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(wireValue);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([, member]) => member != null);
  return Object.fromEntries(members.map(([name, member]) => [name, wireValue(member)]));
}

export function jsonAnswer(output: Members, requestId: string): Response {
  return new Response(JSON.stringify(wireValue(output)), {
    headers: { 'content-type': TYPE, 'x-amzn-requestid': requestId },
  });
}

export function jsonError(error: WireError, requestId: string): Response {
  const { code, http, message, members } = error;
  const body = { __type: code, Message: message, message, ...members };
  return new Response(JSON.stringify(body), {
    status: http,
    headers: { 'content-type': TYPE, 'x-amzn-requestid': requestId, 'x-amzn-errortype': code },
  });
}
