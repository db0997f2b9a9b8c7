import { WaybillError } from '../../../lib/domain/errors.ts';

/** A job's processing steps may carry code. */
const JSON_BYTES_MAX = 512 * 1024;

/** The JSON body of a request; an empty one is an empty object. Throws MalformedJson, BodyTooLarge. */
export async function readJson(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > JSON_BYTES_MAX) throw new WaybillError('BodyTooLarge', { limit: JSON_BYTES_MAX });
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new WaybillError('MalformedJson');
  }
}
