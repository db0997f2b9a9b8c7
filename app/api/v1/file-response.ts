/** An answer that is a file. */
export function fileResponse(
  content: BodyInit,
  { type, name, bytes }: { type: string; name?: string; bytes?: number },
): Response {
  return new Response(content, {
    headers: {
      'content-type': type,
      ...(name === undefined ? {} : { 'content-disposition': `attachment; filename="${name}"` }),
      ...(bytes === undefined ? {} : { 'content-length': String(bytes) }),
    },
  });
}
