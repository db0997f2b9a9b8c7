import { describe, expect, test } from 'vitest';
import { WorkSlots } from './work-slots.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

describe('turns of devices', () => {
  test('are as many as there are slots, and come back', () => {
    let freed = 0;
    const slots = new WorkSlots(2, () => {
      freed += 1;
    });
    const first = slots.begin();
    slots.begin();
    expect(slots.free).toBe(0);
    first.end();
    first.end();
    expect({ free: slots.free, freed }).toEqual({ free: 1, freed: 1 });
  });

  test('are given away while their work waits, which goes on before new work begins', async () => {
    const slots = new WorkSlots(1, () => undefined);
    const waiting = slots.begin();
    const over = waiting.wait(0, never);
    expect(slots.free).toBe(1);
    const other = slots.begin();
    let isBack = false;
    void over.then(() => {
      isBack = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await settled();
    expect({ isBack, free: slots.free }).toEqual({ isBack: false, free: 0 });
    other.end();
    await over;
    expect(slots.free).toBe(0);
    waiting.end();
    expect(slots.free).toBe(1);
  });

  test('are not taken again by work that is stopped while it waits', async () => {
    const slots = new WorkSlots(1, () => undefined);
    const stopping = new AbortController();
    const stopped = slots.begin();
    const over = stopped.wait(0, stopping.signal);
    const other = slots.begin();
    await new Promise((resolve) => setTimeout(resolve, 5));
    stopping.abort();
    await over;
    stopped.end();
    expect(slots.free).toBe(0);
    other.end();
    expect(slots.free).toBe(1);
  });
});
