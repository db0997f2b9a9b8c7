import { appendFileSync, readFileSync } from 'node:fs';
import { errnoOf } from '../../files/errno.ts';
import { parseLine } from '../../files/json-line.ts';

/** An upload of a large object that may be half done. */
export interface HalfDone {
  uploadId: string;
  partBytes: number;
}

interface Line extends HalfDone {
  /** Which object, and which bytes of it. */
  object: string;
  state: 'begun' | 'ended';
}

/**
 * Remembers uploads on the disk of this host, one line for the beginning of each and one for its end. Several
 * threads may append to the file; what a crash left of a line does not count.
 */
export class UploadFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last upload of this object that was begun and has not ended. */
  find(object: string): HalfDone | undefined {
    let found: HalfDone | undefined;
    for (const line of this.#lines()) {
      if (line.object === object)
        found =
          line.state === 'begun'
            ? { uploadId: line.uploadId, partBytes: line.partBytes }
            : undefined;
    }
    return found;
  }

  note(object: string, state: Line['state'], { uploadId, partBytes }: HalfDone): void {
    const line: Line = { object, state, uploadId, partBytes };
    // The newline before it ends what a crash may have left of another line.
    appendFileSync(this.#path, `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #lines(): Line[] {
    try {
      const lines = readFileSync(this.#path, 'utf8').split('\n').slice(0, -1);
      return lines.flatMap((line) => (parseLine(line) as Line | undefined) ?? []);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}
