import type { ScanEntry } from './scan-list.ts';
import type { SourceObject, SourceOpener } from './source.ts';

/** Objects that are open before their turn, in one thread. */
const AHEAD = 16;
/** A larger object is opened at its turn: while others are copied its connection would only wait. */
const SMALL_BYTES_MAX = 1024 * 1024;

/** So long is waited for objects that are still being opened at the end. */
const CLOSE_MS = 1000;

/** Opens the next few small objects while one is copied: of a store that takes time to answer, many answer at once. */
export class OpenAhead {
  readonly #open: SourceOpener;
  readonly #entries: readonly ScanEntry[];
  readonly #opened = new Map<ScanEntry, Promise<SourceObject>>();
  #next = 0;

  /** `entries` in the order in which they will be opened. */
  constructor(open: SourceOpener, entries: readonly ScanEntry[]) {
    this.#open = open;
    this.#entries = entries;
  }

  /** As the opener that it was given. */
  readonly open: SourceOpener = (entry, afresh) => {
    this.#fill();
    const opened = this.#opened.get(entry);
    this.#opened.delete(entry);
    return opened && !afresh ? opened : this.#open(entry, afresh);
  };

  /** Closes what nobody has come for; what does not even come is closed when it does. */
  async close(): Promise<void> {
    this.#next = this.#entries.length;
    const closed = [...this.#opened.values()].map((opened) => opened.then((one) => one.close()));
    this.#opened.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([Promise.allSettled(closed), late]);
    clearTimeout(timer);
  }

  #fill(): void {
    for (; this.#opened.size < AHEAD; this.#next += 1) {
      const entry = this.#entries[this.#next];
      if (!entry) return;
      if (entry.bytes > SMALL_BYTES_MAX || entry.unsettled) continue;
      const opened = Promise.resolve(this.#open(entry, false));
      // Whoever takes it gets the error; until then it is nobody's.
      opened.catch(() => undefined);
      this.#opened.set(entry, opened);
    }
  }
}
