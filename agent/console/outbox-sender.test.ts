import { describe, expect, test } from 'vitest';
import { WaybillError } from '../../lib/domain/errors.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { openOutbox } from './outbox.ts';
import { sendWaiting, startSender } from './outbox-sender.ts';

function filled(...events: string[]) {
  const outbox = openOutbox<string>(tempDir());
  for (const event of events) outbox.add(event);
  return outbox;
}
const never = new AbortController().signal;
const unreachable = () => new WaybillError('ConsoleUnreachable', { url: 'u', detail: 'd' });

describe('sending what waits', () => {
  test('in order, and nothing twice', async () => {
    const outbox = filled('a', 'b', 'c');
    const got: string[] = [];
    const send = async ({ event }: { event: string }) => void got.push(event);
    expect(await sendWaiting(outbox, send, never)).toEqual({ sent: 3, refused: [] });
    expect(await sendWaiting(outbox, send, never)).toEqual({ sent: 0, refused: [] });
    expect(got).toEqual(['a', 'b', 'c']);
  });

  test('stops at an event that cannot be sent now; later it goes on with the same id', async () => {
    const outbox = filled('a', 'b', 'c');
    const ids: string[] = [];
    let down = true;
    const send = async ({ event, id }: { event: string; id: string }) => {
      ids.push(id);
      if (down && event === 'b') throw unreachable();
    };
    await expect(sendWaiting(outbox, send, never)).rejects.toMatchObject({
      code: 'ConsoleUnreachable',
    });
    expect(outbox.count()).toBe(2);
    down = false;
    expect((await sendWaiting(outbox, send, never)).sent).toBe(2);
    expect(ids[1]).toBe(ids[2]);
  });

  test('what the console refuses for good does not hold up the rest', async () => {
    const outbox = filled('a', 'b');
    const send = async ({ event }: { event: string }) => {
      if (event === 'a')
        throw new WaybillError('InvalidJobState', { action: 'x', state: 'y', allowed: 'z' });
    };
    expect(await sendWaiting(outbox, send, never)).toMatchObject({
      sent: 1,
      refused: [{ code: 'InvalidJobState' }],
    });
    expect(outbox.count()).toBe(0);
  });
});

describe('the sender in the background', () => {
  test('sends what comes, and what is left at the end', async () => {
    const outbox = filled('a');
    const got: string[] = [];
    const sender = startSender(
      outbox,
      async ({ event }) => void got.push(event),
      () => undefined,
    );
    outbox.add('b');
    sender.wake();
    outbox.add('c');
    await sender.stop(5000);
    expect(got).toEqual(['a', 'b', 'c']);
  });

  test('a console that refuses connections is complained about once, and what waits stays', async () => {
    const outbox = filled('a', 'b');
    const trouble: unknown[] = [];
    const refuse = async () => {
      throw unreachable();
    };
    await startSender(outbox, refuse, (error) => trouble.push(error)).stop(5000);
    expect(trouble).toHaveLength(1);
    expect(outbox.count()).toBe(2);
  });

  test('a console that never answers does not hold up the end', async () => {
    const outbox = filled('a');
    const hang = (_item: unknown, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    await startSender(outbox, hang, () => undefined).stop(20);
    expect(outbox.count()).toBe(1);
  });
});
