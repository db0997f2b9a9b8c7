import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { eventStream } from '../../app/api/v1/event-stream.ts';
import { tempDir } from '../testing/temp.ts';
import { openDatabase } from './db/sqlite/open-database.ts';
import { openEventFeed } from './events/feed.ts';
import { publishEvent } from './events/publish.ts';
import { pruneEvents } from './startup/event-retention.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOW = new Date('2026-01-02T03:04:05Z');

/** A console's events on a file of their own: opened, published to, read and closed as often as wanted. */
function eventFile() {
  const file = join(tempDir(), 'waybill.db');
  return () => {
    const db = openDatabase(file, join(ROOT, 'drizzle'));
    const feed = openEventFeed(db);
    const publish = (text: string, at = NOW) =>
      db.transaction((tx) => publishEvent(tx, { jobId: 'J', kind: 'job', detail: { text } }, at));
    const close = () => {
      feed.close();
      db.close();
    };
    return { db, feed, publish, close };
  };
}

type Open = ReturnType<ReturnType<typeof eventFile>>;

/** Reads the stream as a browser does, until it has had so many events; returns their texts and the last id. */
async function read(console: Open, after: number | undefined, count: number) {
  const abort = new AbortController();
  const stream = await eventStream(console, {
    ...(after !== undefined && { after }),
    signal: abort.signal,
  });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const got = { texts: [] as string[], types: [] as string[], id: 0 };
  let rest = '';
  while (got.texts.length < count || got.types.length === 0) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) break;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      if (field('id')) got.id = Number(field('id'));
      const type = field('event');
      if (type) got.types.push(type);
      else if (field('data')) got.texts.push(JSON.parse(field('data') ?? '').detail.text);
    }
  }
  abort.abort();
  return got;
}

test('over restarts of the console a reader has every event once, in order', async () => {
  const open = eventFile();
  const sent: string[] = [];
  const had: string[] = [];
  let after: number | undefined;
  for (let life = 0; life < 4; life += 1) {
    const console = open();
    // The first stream says where it is before anything has happened: nothing after that can be lost.
    const here = await read(console, after, 0);
    after = here.id;
    had.push(...here.texts);
    const texts = [0, 1, 2].map((i) => `life ${life} event ${i}`);
    for (const text of texts) await console.publish(text);
    sent.push(...texts);
    const got = await read(console, after, life === 1 ? 1 : 0);
    if (life === 1) {
      had.push(...got.texts);
      after = got.id;
    }
    console.close();
  }
  const last = open();
  onTestFinished(() => last.close());
  const got = await read(last, after, sent.length - had.length);
  expect([...had, ...got.texts]).toEqual(sent);
});

test('who resumes before what was forgotten is told so', async () => {
  const console = eventFile()();
  onTestFinished(() => console.close());
  await console.publish('old', new Date(NOW.getTime() - 1000));
  await console.publish('new');
  await pruneEvents(console.db, NOW);
  expect(await read(console, 0, 1)).toMatchObject({ texts: ['new'], types: ['here', 'stale'] });
  expect(await read(console, 1, 1)).toMatchObject({ texts: ['new'], types: ['here'] });
});

test('a stream ends at once when it is to end before it began', async () => {
  const console = eventFile()();
  onTestFinished(console.close);
  const { body } = await eventStream(console, { signal: AbortSignal.abort() });
  const text = await new Response(body).text();
  expect(text).toContain('event: here');
});
