import { WaybillError } from '../domain/errors.ts';
import { type Control, Stopped } from './control.ts';
import type { SourceObject, SourceOpener } from './source.ts';

/** An object of a store of which nothing comes for so long is given up: it is tried again, and fails by name. */
export const SILENCE_MS = 60_000;
const LOOK_MS = 250;

/** As the opener it is given, but waits for a store only so long, and no longer than the transfer goes on. */
export function inTime(open: SourceOpener, control: Control, silenceMs: number): SourceOpener {
  const soon = <T>(work: Promise<T>) => answered(work, control, silenceMs);
  return async (entry, afresh) => {
    const opening = Promise.resolve(open(entry, afresh));
    const object = await soon(opening).catch((error: unknown) => {
      // What comes too late is nobody's.
      void opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    const timed: SourceObject = {
      bytes: object.bytes,
      mtimeNs: object.mtimeNs,
      mode: object.mode,
      read: (buffer) => soon(Promise.resolve(object.read(buffer))),
      changed: () => soon(Promise.resolve(object.changed())),
      close: () => object.close(),
    };
    const { prove } = object;
    return prove ? Object.assign(timed, { prove }) : timed;
  };
}

/** Throws StoreUnavailable when nothing comes in time, Stopped when the transfer is to stop. */
async function answered<T>(work: Promise<T>, control: Control, silenceMs: number): Promise<T> {
  const until = Date.now() + silenceMs;
  let timer: NodeJS.Timeout | undefined;
  const given = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (control.stopped) reject(new Stopped());
      else if (Date.now() >= until)
        reject(new WaybillError('StoreUnavailable', { detail: 'no answer in time' }));
    }, LOOK_MS);
  });
  try {
    return await Promise.race([work, given]);
  } finally {
    clearInterval(timer);
  }
}
