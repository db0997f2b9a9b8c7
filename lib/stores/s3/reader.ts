import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { WaybillError } from '../../domain/errors.ts';
import type { Prover } from '../proof/prover.ts';
import { failureOf } from '../remote/errors.ts';
import type { ObjectReader, StoredObject } from '../store.ts';
import { storedObject } from './metadata.ts';

/** Gets an object from an offset on; with an ETag only that very version. */
type Get = (from: number, etag?: string) => Promise<GetObjectCommandOutput>;

/** How often a connection that breaks is made anew for one object without a byte in between. */
const BREAKS_MAX = 5;

/** Reads one version of an object; when the connection breaks it goes on where it was. */
export class S3Reader implements ObjectReader {
  readonly object: StoredObject;
  readonly prover: Prover | undefined;
  readonly #get: Get;
  readonly #etag: string | undefined;
  readonly #body: { chunks: AsyncIterator<Uint8Array>; stop(): void }[] = [];
  #rest: Uint8Array = new Uint8Array(0);
  #at = 0;
  #breaks = 0;

  constructor(key: Buffer, get: Get, first: GetObjectCommandOutput, prover?: Prover) {
    this.#get = get;
    this.prover = prover;
    this.#etag = first.ETag;
    this.object = storedObject(key, first.ContentLength ?? 0, first.LastModified, first.Metadata);
    this.#take(first);
  }

  async read(buffer: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#next();
      if (!next) return 0;
      this.#rest = next;
    }
    const taken = Math.min(length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, taken), offset);
    this.#rest = this.#rest.subarray(taken);
    return taken;
  }

  close(): void {
    this.#body.pop()?.stop();
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      try {
        const found = await this.#body[0]?.chunks.next();
        if (found && !found.done) {
          this.#at += found.value.length;
          this.#breaks = 0;
          return found.value;
        }
        if (this.#at >= this.object.bytes) return undefined;
      } catch (error) {
        if (this.#breaks >= BREAKS_MAX)
          throw new WaybillError(
            'StoreUnavailable',
            { detail: failureOf(error).name },
            { cause: error },
          );
      }
      this.#breaks += 1;
      if (this.#breaks > BREAKS_MAX)
        throw new WaybillError('StoreUnavailable', { detail: 'it sends less than it announces' });
      this.close();
      const rest = await this.#get(this.#at, this.#etag);
      // Who takes no notice of the range gives the whole object once more.
      if (this.#at > 0 && !rest.ContentRange?.startsWith(`bytes ${this.#at}-`))
        throw new WaybillError('StoreUnavailable', { detail: 'it gives no part of an object' });
      this.#take(rest);
    }
  }

  #take({ Body }: GetObjectCommandOutput): void {
    if (!Body) return;
    const stream = Body as AsyncIterable<Uint8Array> & { destroy?(): void };
    this.#body.push({
      chunks: stream[Symbol.asyncIterator](),
      stop: () => stream.destroy?.(),
    });
  }
}
