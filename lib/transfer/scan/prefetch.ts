import type { ScanEntry } from './scan-list.ts';
import type { SourceObject, SourceOpener } from './source-spec.ts';

/** Objects that are open before their turn, in one thread. */
const PREFETCHED_MAX = 16;
/** A larger object is opened at its turn: while others are copied its connection would only wait. */
const SMALL_BYTES_MAX = 1024 * 1024;

/** So long the first entry keeps those behind it waiting that are open already: most of a load stays in its order. */
const FIRST_MS = 250;

/** So long is waited for objects that are still being opened at the end. */
const CLOSE_MS = 1000;

interface Opening {
  opened: Promise<SourceObject>;
  /** It is open, or could not be opened. */
  isSettled: boolean;
}

/** Opens the next few small objects while one is copied: of a store that takes time to answer, many answer at once. */
export class Prefetcher {
  readonly #open: SourceOpener;
  readonly #entries: readonly ScanEntry[];
  readonly #openings = new Map<ScanEntry, Opening>();
  /** Entries that were waited for long enough. */
  readonly #late = new Set<ScanEntry>();
  #next = 0;

  /** `entries` in the order in which they will be opened. */
  constructor(open: SourceOpener, entries: readonly ScanEntry[]) {
    this.#open = open;
    this.#entries = entries;
  }

  /** As the opener that it was given. */
  readonly open: SourceOpener = (entry, afresh) => {
    this.#fill();
    const opening = this.#openings.get(entry);
    this.#openings.delete(entry);
    return opening && (!afresh || entry.unsettled) ? opening.opened : this.#open(entry, afresh);
  };

  /** The entries, each when it can be read: one whose opening takes its time lets those behind it go first. */
  async *turns(): AsyncGenerator<ScanEntry> {
    const waiting = [...this.#entries];
    while (waiting.length > 0) {
      this.#fill();
      const turn = this.#turnOf(waiting);
      if (turn === undefined) {
        const pending = [...this.#openings.values()].map(({ opened }) => opened);
        await Promise.race(pending).catch(() => undefined);
        continue;
      }
      if (turn > 0 && (await this.#waitForFirst(waiting))) continue;
      const [entry] = waiting.splice(turn, 1);
      if (entry) yield entry;
    }
  }

  /** Waits a moment, once, for the first entry that is not late; false when there is none to wait for. */
  async #waitForFirst(waiting: readonly ScanEntry[]): Promise<boolean> {
    const first = waiting.find((entry) => !this.#late.has(entry));
    const opening = first && this.#openings.get(first);
    if (!first || !opening || opening.isSettled) return false;
    this.#late.add(first);
    let timer: NodeJS.Timeout | undefined;
    const moment = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_MS);
    });
    await Promise.race([opening.opened.then(ignore, ignore), moment]);
    clearTimeout(timer);
    return true;
  }

  /** Closes what nobody has come for; what does not even come is closed when it does. */
  async close(): Promise<void> {
    this.#next = this.#entries.length;
    const closed = [...this.#openings.values()].map(({ opened }) =>
      opened.then((one) => one.close()),
    );
    this.#openings.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([Promise.allSettled(closed), late]);
    clearTimeout(timer);
  }

  /** The first entry that is settled. One that is opened at its turn is opened when it comes to it, one at a time. */
  #turnOf(waiting: readonly ScanEntry[]): number | undefined {
    let isOpening = false;
    for (const [i, entry] of waiting.entries()) {
      const opening = this.#openings.get(entry);
      if (opening?.isSettled) return i;
      const isOwn = opensAtItsTurn(entry);
      // Those behind it are not being opened either.
      if (!opening && !isOwn) return undefined;
      if (!opening && !isOpening) this.#begin(entry);
      if (isOwn) isOpening = true;
    }
    return undefined;
  }

  #fill(): void {
    for (; this.#openings.size < PREFETCHED_MAX; this.#next += 1) {
      const entry = this.#entries[this.#next];
      if (!entry) return;
      if (!opensAtItsTurn(entry)) this.#begin(entry);
    }
  }

  #begin(entry: ScanEntry): void {
    const opened = Promise.resolve(this.#open(entry, entry.unsettled));
    const opening: Opening = { opened, isSettled: false };
    const settle = () => {
      opening.isSettled = true;
    };
    // Whoever takes it gets the error; until then it is nobody's.
    opened.then(settle, settle);
    this.#openings.set(entry, opening);
  }
}

const ignore = (): void => undefined;

const opensAtItsTurn = ({ bytes, unsettled }: ScanEntry): boolean =>
  bytes > SMALL_BYTES_MAX || unsettled;
