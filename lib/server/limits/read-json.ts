import { WaybillError } from '../../domain/errors.ts';
import { readBody } from './read-body.ts';

/** The JSON body of a request; an empty one is an empty object. Throws MalformedJson, and as `readBody` does. */
export async function readJson(request: Request, limits: { bytesMax: number }): Promise<unknown> {
  const body = await readBody(request, limits);
  if (body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new WaybillError('MalformedJson');
  }
}
