import { z } from 'zod';
import { ERRORS } from '../domain/errors.ts';
import { isRaw, type Raw, ROUTE_NAMES, routeSpec } from './contract.ts';
import { whoMay } from './openapi.ts';
import { API_BASE } from './wire.ts';

/** The text of API.md: every route and every error, from their tables. */
export function apiReference(): string {
  return `# The API

Base: \`${API_BASE}\`. The same document for programs is served at \`${API_BASE}/openapi.json\`. This page is made from
[contract.ts](contract.ts); a test keeps the two equal.

Send \`Authorization: Bearer TOKEN\`; \`waybill login\` makes a token, and so does the page *Access tokens*. Bodies and
answers are JSON unless another type is named. Sizes are bytes, times are ISO 8601 in UTC. Disk jobs are managed with a
token only: from a browser session they answer 409 \`NotManageableInConsole\`.

## Routes

| route | does | who may | body | answer |
| --- | --- | --- | --- | --- |
${ROUTE_NAMES.map(routeLine).join('\n')}

## Errors

Every answer that is not 2xx is \`{"error": {"code", "message", "next", "facts"}}\`. The codes are stable.

| code | HTTP | exit code of the agent | what happened | what to do |
| --- | --- | --- | --- | --- |
${Object.entries(ERRORS)
  .map(([code, { http, exit, say, next }]) => `| ${code} | ${http} | ${exit} | ${say} | ${next} |`)
  .join('\n')}
`;
}

function routeLine(name: (typeof ROUTE_NAMES)[number]): string {
  const { method, path, summary, access, body, answer } = routeSpec(name);
  const who = whoMay(access)
    .replace(/\.$/, '')
    .replace(/^Permission /, '');
  return `| \`${method} ${path}\` | ${summary} | ${who} | ${shape(body)} | ${shape(answer)} |`;
}

function shape(type: z.ZodType | Raw | null | undefined): string {
  if (type === null) return '204';
  if (type === undefined) return '';
  if (isRaw(type)) return type.raw;
  if (!(type instanceof z.ZodObject)) return 'JSON';
  const names = Object.entries(type.shape).map(([name, member]) =>
    member instanceof z.ZodType && member.safeParse(undefined).success ? `${name}?` : name,
  );
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');
}
