import { WaybillError } from '../../../lib/domain/errors.ts';
import { readBody } from '../../../lib/server/limits/read-body.ts';

/** A job's processing steps may carry code. */
const JSON_BYTES_MAX = 512 * 1024;

/** The JSON body of a request; an empty one is an empty object. Throws MalformedJson, and as `readBody` does. */
export async function readJson(request: Request): Promise<unknown> {
  const body = await readBody(request, { bytesMax: JSON_BYTES_MAX });
  if (body.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new WaybillError('MalformedJson');
  }
}
