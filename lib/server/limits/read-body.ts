import { isWaybillError, WaybillError } from '../../domain/errors.ts';

const BODY_MS = 30_000;

/**
 * The body of a request, of at most `bytesMax` bytes: nobody fills the memory, or holds a connection for as long as they
 * like. Throws BodyTooLarge, BodyTooSlow, and BodyIncomplete when the other side went away.
 */
export async function readBody(
  request: Request,
  { bytesMax, timeoutMs = BODY_MS }: { bytesMax: number; timeoutMs?: number },
): Promise<Buffer> {
  if (!request.body) return Buffer.alloc(0);
  const reader = request.body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => undefined);
  }, timeoutMs);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) throw new WaybillError('BodyTooSlow', { seconds: timeoutMs / 1000 });
      if (done) return Buffer.concat(chunks);
      bytes += value.byteLength;
      if (bytes > bytesMax) throw new WaybillError('BodyTooLarge', { limit: bytesMax });
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => undefined);
    if (isWaybillError(error)) throw error;
    throw new WaybillError('BodyIncomplete', {}, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
