import type { ScanEntry } from './scan-list.ts';
import type { SourceObject, SourceOpener } from './source.ts';

/** Objects that are open before their turn, in one thread. */
const AHEAD = 16;
/** A larger object is opened at its turn: while others are copied its connection would only wait. */
const SMALL_BYTES_MAX = 1024 * 1024;

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

  /** Closes what nobody has come for. */
  async close(): Promise<void> {
    this.#next = this.#entries.length;
    const left = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    for (const one of left) if (one.status === 'fulfilled') await one.value.close();
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
