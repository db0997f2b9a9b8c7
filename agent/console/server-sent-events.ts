/** One event of a stream. */
export interface ServerSentEvent {
  id: string;
  data: string;
}

/** Longest event taken; a stream that sends more is not one of ours. */
const CHARACTERS_MAX = 1024 * 1024;

/** The events of a text/event-stream (HTML Living Standard, "Server-sent events"); ends when the stream does. */
export async function* serverSentEvents(response: Response): AsyncGenerator<ServerSentEvent> {
  if (!response.body) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = readBlock(block);
      // Events with a name are about the stream itself.
      if (event.data !== '' && !/^event:/m.test(block)) yield event;
    }
    if (rest.length > CHARACTERS_MAX) throw new RangeError('an event of the stream is too long');
  }
}

function readBlock(block: string): ServerSentEvent {
  const fields = block.split(/\r?\n/).map((line) => /^(id|data): ?(.*)$/s.exec(line));
  const valuesOf = (name: string) => fields.flatMap((f) => (f?.[1] === name ? [f[2] ?? ''] : []));
  return { id: valuesOf('id').at(-1) ?? '', data: valuesOf('data').join('\n') };
}
