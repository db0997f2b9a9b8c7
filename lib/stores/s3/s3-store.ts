import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { KEY_RULES, type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import type { StoreKind } from '../../domain/words.ts';
import type { KeyRange } from '../range/key-range.ts';
import { REQUEST_BYTES } from '../remote/request-bytes.ts';
import type {
  FlushProblem,
  NewObject,
  ObjectReader,
  ObjectWriter,
  ProbeForm,
  Proving,
  Store,
  StoredObject,
} from '../store.ts';
import type { RemoteCapabilities, RemoteSpec } from '../store-spec.ts';
import { S3Bucket } from './bucket.ts';
import { proverOf } from './claims.ts';
import { askChecksums, requireTag } from './client.ts';
import { listObjects, listPages } from './list.ts';
import { storedObject } from './metadata.ts';
import { largeWriter } from './multipart-upload.ts';
import { S3Reader } from './reader.ts';
import { smallWriter } from './single-upload.ts';

/** Enough to keep an endpoint busy that answers after 30 ms. */
const CONCURRENCY = 32;
const KEYS_A_PAGE = 1000;

/** Opens a bucket of an S3-compatible endpoint. STORES.md tells how objects are written to it. */
export function openS3Store(spec: RemoteSpec, signal?: AbortSignal): Store {
  return new S3Store(spec, signal);
}

class S3Store implements Store {
  readonly kind: StoreKind;
  readonly keyRules: KeyRules;
  readonly concurrency = CONCURRENCY;
  readonly partsOver = REQUEST_BYTES;
  readonly #bucket: S3Bucket;
  /** Keys in latin1 that a listing did not show and that nobody has put since. */
  readonly #absent = new Set<string>();

  constructor(spec: RemoteSpec, signal: AbortSignal | undefined) {
    this.kind = spec.kind;
    // An endpoint knows no paths: `a//b`, `..` and `dir/` with bytes are names like any other.
    this.keyRules = { ...KEY_RULES[spec.kind], form: 'text' };
    this.#bucket = new S3Bucket(spec, signal);
  }

  check(): Promise<RemoteCapabilities> {
    return this.#bucket.capabilities();
  }

  probe(stem: Uint8Array, bytes: number, form?: ProbeForm): Promise<number> {
    return this.#bucket.probe(stem, bytes, form);
  }

  async *list(range: KeyRange): AsyncGenerator<StoredObject> {
    let known: Buffer | undefined;
    const stat = async (key: Buffer) => {
      const found = await this.#head(key);
      if (found) known = key;
      return found;
    };
    // Whether it is the object or the store: another one that could be looked at is looked at once more.
    const requireOwn = async (error: unknown, key: Buffer) => {
      if (!isWaybillError(error) || !known || known.equals(key)) throw error;
      await this.#head(known);
    };
    const resting = (ms: number) => this.#bucket.rest(ms);
    const asked = {
      bucket: this.#bucket.name,
      range,
      rules: this.keyRules,
      stat,
      requireOwn,
      rest: resting,
    };
    try {
      yield* listObjects(await this.#bucket.api(), asked);
    } catch (error) {
      await this.#bucket.on(() => Promise.reject(error));
    }
  }

  async stat(key: Uint8Array): Promise<StoredObject | undefined> {
    this.#requireLegal(key);
    if (this.#absent.has(Buffer.from(key).toString('latin1'))) return undefined;
    return this.#head(Buffer.from(key));
  }

  async open(key: Uint8Array, proving?: Proving): Promise<ObjectReader> {
    this.#requireLegal(key);
    const name = Buffer.from(key).toString();
    const get = (from: number, etag?: string): Promise<GetObjectCommandOutput> =>
      this.#bucket.on(({ client, sdk }) =>
        client.send(
          askChecksums(
            new sdk.GetObjectCommand({
              Bucket: this.#bucket.name,
              Key: name,
              Range: from > 0 ? `bytes=${from}-` : undefined,
              IfMatch: etag,
            }),
          ),
        ),
      );
    const first = requireTag(await get(0));
    first.ContentLength ??= await this.#sizeOf(name, first.ETag);
    try {
      const prover = proving && (await proverOf(this.#bucket, name, first, proving));
      return new S3Reader(Buffer.from(key), get, first, prover);
    } catch (error) {
      await new S3Reader(Buffer.from(key), get, first).close();
      throw error;
    }
  }

  put(object: NewObject): Promise<ObjectWriter> | ObjectWriter {
    this.#requireLegal(object.key);
    this.#absent.delete(object.key.toString('latin1'));
    return object.bytes <= REQUEST_BYTES
      ? smallWriter(this.#bucket, object)
      : largeWriter(this.#bucket, object);
  }

  holds(object: NewObject): Promise<boolean | undefined> {
    return this.#bucket.holds(object);
  }

  claims(object: NewObject): Promise<boolean> {
    return this.#bucket.claims(object);
  }

  /**
   * Lists what lies between the first and the last of the keys, unless that is far more than they. Only a listing that came to
   * its end says what is absent, and only where a put would be refused if it were wrong: else each key is looked at.
   */
  async expect(keys: Buffer[]): Promise<void> {
    this.#absent.clear();
    if (!(await this.#bucket.capabilities()).conditionalPut) return;
    const sorted = [...keys].sort(Buffer.compare);
    const [first] = sorted;
    if (!first) return;
    const wanted = new Set(sorted.map((key) => key.toString('latin1')));
    let pagesLeft = 4 + 3 * Math.ceil(keys.length / KEYS_A_PAGE);
    const resting = (ms: number) => this.#bucket.rest(ms);
    const range = { prefix: '', after: justBefore(first), rest: resting };
    let upTo: Buffer | undefined = sorted.at(-1);
    await this.#bucket.on(async (api) => {
      for await (const page of listPages(api, this.#bucket.name, range)) {
        for (const { key } of page) wanted.delete(key.toString('latin1'));
        const last = page.at(-1)?.key;
        // A page may be empty, and others follow.
        if (last && upTo && Buffer.compare(last, upTo) >= 0) return;
        pagesLeft -= 1;
        if (pagesLeft > 0) continue;
        // Of what lies behind the last key that was seen nothing is known.
        if (last) upTo = last;
        else wanted.clear();
        return;
      }
    });
    for (const name of wanted)
      if (upTo && Buffer.compare(Buffer.from(name, 'latin1'), upTo) <= 0) this.#absent.add(name);
  }

  flush(): FlushProblem[] {
    // What an endpoint has confirmed is durable.
    return [];
  }

  close(): Promise<void> {
    return this.#bucket.close();
  }

  /** The size of a version, bytes, where the answer that gives it does not say; undefined where it is not that version any more. */
  async #sizeOf(name: string, etag: string | undefined): Promise<number | undefined> {
    const head = await this.#bucket.find(({ client, sdk }) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: this.#bucket.name, Key: name })),
    );
    return head?.ETag === etag ? head?.ContentLength : undefined;
  }

  async #head(key: Buffer): Promise<StoredObject | undefined> {
    const head = await this.#bucket.find(({ client, sdk }) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: this.#bucket.name, Key: key.toString() })),
    );
    return (
      head &&
      requireTag(head) &&
      storedObject(key, head.ContentLength ?? 0, head.LastModified, head.Metadata)
    );
  }

  #requireLegal(key: Uint8Array): void {
    const detail = keyProblem(key, this.keyRules);
    if (detail) throw new WaybillError('KeyRefused', { detail });
  }
}

/** A key after which a listing begins with the given one, or somewhat before: its text without the last character. */
function justBefore(key: Buffer): string | undefined {
  const text = Array.from(key.toString()).slice(0, -1).join('');
  return text === '' ? undefined : text;
}
