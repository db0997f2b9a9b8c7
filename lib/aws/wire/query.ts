import { WaybillError } from '../../domain/errors.ts';
import type { RawRequest } from '../../signing/canonical-request.ts';
import { type Members, type ServiceModel, type Shape, shapeOf } from '../model/service-model.ts';
import type { WireError } from './error-map.ts';

/** AWS Query: members as fields of a form or a query, answers as XML in the service's namespace. */

/** The fields of query and form together; those of the form win. */
export function queryFields(request: RawRequest): Map<string, string> {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(
    request.headers.get('content-type') ?? '',
  );
  const form = isForm ? new TextDecoder().decode(request.body) : '';
  return new Map([...new URLSearchParams(request.query), ...new URLSearchParams(form)]);
}

/** The operation that fields name; clients call it Action, the service's model Operation. */
export const actionOf = (fields: ReadonlyMap<string, string>): string | undefined =>
  fields.get('Action') ?? fields.get('Operation');

/** The input of an operation from its fields: texts, numbers and lists by the model. Throws InputMalformed. */
export function inputOf(
  model: ServiceModel,
  operation: string,
  fields: ReadonlyMap<string, string>,
): Members {
  const { members = {} } = shapeOf(model, model.operations[operation]?.input);
  const input: Members = {};
  for (const [name, shapeName] of Object.entries(members)) {
    const shape = shapeOf(model, shapeName);
    input[name] = shape.type === 'list' ? listOf(name, fields) : fieldOf(name, shape, fields);
  }
  return input;
}

function listOf(name: string, fields: ReadonlyMap<string, string>): string[] | undefined {
  const items: string[] = [];
  for (let i = 1; ; i += 1) {
    const item = fields.get(`${name}.member.${i}`) ?? fields.get(`${name}.${i}`);
    if (item === undefined) return items.length > 0 ? items : undefined;
    items.push(item);
  }
}

function fieldOf(name: string, { type }: Shape, fields: ReadonlyMap<string, string>): unknown {
  const text = fields.get(name);
  if (text === undefined || type === 'string') return text;
  if (type === 'boolean') {
    if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
    throw new WaybillError('InputMalformed', { detail: `${name} is not true or false` });
  }
  return Number(text);
}

const escapeXml = (text: string): string =>
  text.replace(
    /[&<>"'\r]|[^\t\n\r\x20-\ud7ff\ue000-\u{10ffff}]/gu,
    (char) => XML_ENTITIES[char] ?? '\ufffd',
  );
const XML_ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;',
};

function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return `<${name}>${contentOf(value)}</${name}>`;
}

function contentOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/\.\d{3}Z$/, 'Z');
  if (Array.isArray(value)) return value.map((item) => element('member', item)).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => element(name, member))
      .join('');
  }
  return escapeXml(String(value));
}

const xml = (body: string, status: number): Response =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, {
    status,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
  });

export function queryAnswer(
  { xmlNamespace }: ServiceModel,
  operation: string,
  output: Members,
  requestId: string,
): Response {
  const result = element(`${operation}Result`, output);
  const metadata = element('ResponseMetadata', { RequestId: requestId });
  const response = `${operation}Response`;
  return xml(`<${response} xmlns="${xmlNamespace}">${result}${metadata}</${response}>`, 200);
}

export function queryError(
  { xmlNamespace }: ServiceModel,
  { code, http, message }: WireError,
  requestId: string,
): Response {
  const Type = http >= 500 ? 'Receiver' : 'Sender';
  const error = element('Error', { Type, Code: code, Message: message });
  const id = element('RequestId', requestId);
  return xml(`<ErrorResponse xmlns="${xmlNamespace}">${error}${id}</ErrorResponse>`, http);
}
