/** A limit to what is under way at once. Who asks for more than is free waits, first come first served. */
export class Semaphore {
  #free: number;
  readonly #total: number;
  readonly #waiting: { size: number; go: () => void }[] = [];

  constructor(total: number) {
    this.#free = total;
    this.#total = total;
  }

  /** Takes so many; more than there are counts as all. Resolves with what gives them back, once. */
  async acquire(size: number): Promise<() => void> {
    const wanted = Math.min(size, this.#total);
    if (this.#waiting.length > 0 || this.#free < wanted)
      await new Promise<void>((go) => this.#waiting.push({ size: wanted, go }));
    else this.#free -= wanted;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#free += wanted;
      this.#wake();
    };
  }

  #wake(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (!next || next.size > this.#free) return;
      this.#waiting.shift();
      this.#free -= next.size;
      next.go();
    }
  }
}
