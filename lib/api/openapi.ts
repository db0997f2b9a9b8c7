import { z } from 'zod';
import { PERMISSIONS } from '../domain/permissions.ts';
import { isRaw, type Raw, ROUTE_NAMES, type RouteSpec, routeSpec } from './contract.ts';
import { failure } from './schemas/fields.ts';
import { API_BASE } from './wire.ts';

type Json = Record<string, unknown>;

/** The API as an OpenAPI 3.1 document, made from the contract. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const name of ROUTE_NAMES) {
    const route = routeSpec(name);
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(name, route),
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Waybill', version, summary: 'Moves large data by shipping disks' },
    servers: [{ url: API_BASE }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Failure: schema(failure, 'output') },
    },
  };
}

function operation(name: string, route: RouteSpec): Json {
  const { access, answer, body } = route;
  return {
    operationId: name,
    summary: route.summary,
    description: whoMay(access),
    parameters: [...pathParameters(route.path), ...queryParameters(route.query)],
    ...(access === 'anyone' ? {} : { security: [{ token: [] }] }),
    ...(body ? { requestBody: { required: true, content: content(body, 'input') } } : {}),
    responses: {
      ...(answer === null
        ? { 204: { description: 'Done' } }
        : { 200: { description: 'Done', content: content(answer, 'output') } }),
      default: {
        description: 'Refused: what happened and what to do next',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
      },
    },
  };
}

/** Who may call a route, in words. */
export function whoMay(access: RouteSpec['access']): string {
  if (access === 'anyone') return 'Anyone.';
  if (access === 'signed-in') return 'Anyone who is signed in.';
  return `Permission ${access}: ${PERMISSIONS[access].join(', ')}.`;
}

const schema = (type: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      // A member that is not known is refused, see unknown-members.ts.
      if (io === 'input' && def.type === 'object' && !def.catchall)
        jsonSchema.additionalProperties = false;
    },
  });
  return rest as Json;
};

function content(body: z.ZodType | Raw, io: 'input' | 'output'): Json {
  if (isRaw(body)) return { [body.raw]: { schema: { type: 'string', format: 'binary' } } };
  return { 'application/json': { schema: schema(body, io) } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schema(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, type]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: type,
  }));
}
