/** Smithy RPC v2 CBOR is not served; a client that speaks it is told so in its own words. */

/** Whether a request came by that protocol. */
export const isCbor = (path: string, headers: Headers): boolean =>
  headers.get('smithy-protocol') === 'rpc-v2-cbor' ||
  /\/service\/[^/]+\/operation\/[^/]+$/.test(path);

/** A map of texts in CBOR (RFC 8949): major types 5 and 3. */
function encodeTexts(texts: Record<string, string>): Uint8Array<ArrayBuffer> {
  const head = (major: number, length: number): Buffer => {
    if (length < 24) return Buffer.from([major | length]);
    if (length < 256) return Buffer.from([major | 24, length]);
    return Buffer.from([major | 25, length >> 8, length & 0xff]);
  };
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return [head(0x60, bytes.length), bytes];
  };
  const pairs = Object.entries(texts);
  const parts = pairs.flatMap(([name, value]) => [...text(name), ...text(value)]);
  return new Uint8Array(Buffer.concat([head(0xa0, pairs.length), ...parts]));
}

export function cborRefusal(): Response {
  const message =
    'This endpoint speaks AWS JSON 1.1 for Snowball, not Smithy RPC v2 CBOR. Use an SDK or a setting that chooses JSON.';
  const body = encodeTexts({ __type: 'com.amazonaws.snowball#UnknownOperationException', message });
  return new Response(body, {
    status: 400,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
  });
}
