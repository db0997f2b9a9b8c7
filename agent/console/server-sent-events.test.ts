import { expect, test } from 'vitest';
import { serverSentEvents } from './server-sent-events.ts';

test('a stream of events may be cut anywhere', async () => {
  const parts = [
    'retry: 2\n\nid: 1\nda',
    'ta: {"a":1}\n',
    '\n: here\n\nid: 2\ndata: x\ndata: y\n\n',
  ];
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
  const events = [];
  for await (const event of serverSentEvents(new Response(stream))) events.push(event);
  expect(events).toEqual([
    { id: '1', data: '{"a":1}' },
    { id: '2', data: 'x\ny' },
  ]);
});
