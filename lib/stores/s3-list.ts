import { type KeyRules, keyProblem } from '../domain/object-keys.ts';
import { boundsOf, type KeyRange, within } from './key-range.ts';
import { isProbeKey } from './probe-key.ts';
import type { S3Api } from './s3-client.ts';
import { storedObject } from './s3-metadata.ts';
import type { StoredObject } from './store.ts';

/** Objects whose metadata is asked for at once. */
const AHEAD = 32;

/** An object as a listing has it: without metadata. */
export interface ListedObject {
  key: Buffer;
  bytes: number;
  changed: Date | undefined;
}

/** Keys of a bucket after one of them, in byte order. `begin` is exclusive, as S3 has it. */
export async function* listPages(
  { client, sdk }: S3Api,
  bucket: string,
  range: { prefix: string; after?: string | undefined },
): AsyncGenerator<ListedObject[]> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new sdk.ListObjectsV2Command({
        Bucket: bucket,
        // XML cannot say every key.
        EncodingType: 'url',
        ...(range.prefix === '' ? {} : { Prefix: range.prefix }),
        ...(token ? { ContinuationToken: token } : range.after ? { StartAfter: range.after } : {}),
      }),
    );
    const bytesOf = (text: string) =>
      page.EncodingType === 'url' ? decodeUrl(text) : Buffer.from(text);
    yield (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
      key: bytesOf(Key),
      bytes: Size,
      changed: LastModified,
    }));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

/** S3 writes a space as `+`, others as `%20`. What is encoded need not be text: some stores take any bytes. */
function decodeUrl(text: string): Buffer {
  if (!/[+%]/.test(text)) return Buffer.from(text);
  const pieces = text.replaceAll('+', ' ').split(/((?:%[0-9a-f]{2})+)/i);
  return Buffer.concat(
    pieces.map((piece, i) =>
      i % 2 === 1 ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece),
    ),
  );
}

/**
 * Objects of a range in byte order, each with its metadata, asked for a few ahead. What cannot be looked at is given as it is
 * listed (`isBare`), also when it has disappeared: reading it will say so. Keys that cannot be used are given as the listing has them, so that a report can name them.
 */
export async function* listObjects(
  api: S3Api,
  options: {
    bucket: string;
    range: KeyRange;
    rules: KeyRules;
    stat(key: Buffer): Promise<StoredObject | undefined>;
    /** Throws the error unless it is this object's alone. */
    requireOwn(error: unknown, key: Buffer): Promise<void>;
  },
): AsyncGenerator<StoredObject> {
  const { bucket, range, rules, stat, requireOwn } = options;
  const bounds = boundsOf(range);
  const ahead: Promise<StoredObject | undefined>[] = [];
  const lookAt = ({ key, bytes, changed }: ListedObject) => {
    const usable = !range.bare && keyProblem(key, rules) === undefined;
    const listed = storedObject(key, bytes, changed);
    const bare = { ...listed, isBare: true };
    // What cannot be looked at is not left out: reading it will say why.
    const found = usable
      ? stat(key).then(
          // One 404 on the way does not make an object go that was just listed.
          (object) => object ?? bare,
          async (error) => {
            await requireOwn(error, key);
            return bare;
          },
        )
      : Promise.resolve(listed);
    // Whoever waits for it gets the error; until then it is nobody's.
    found.catch(() => undefined);
    ahead.push(found);
  };
  const { begin, prefix } = range;
  if (begin && within(Buffer.from(begin), bounds) && !keyProblem(Buffer.from(begin), rules))
    ahead.push(stat(Buffer.from(begin)));
  pages: for await (const page of listPages(api, bucket, { prefix, after: begin })) {
    for (const listed of page) {
      if (bounds.end && Buffer.compare(listed.key, bounds.end) > 0) break pages;
      if (within(listed.key, bounds) && !isReserved(listed.key)) lookAt(listed);
      if (ahead.length < AHEAD) continue;
      const object = await ahead.shift();
      if (object) yield object;
    }
  }
  for (const each of ahead) {
    const object = await each;
    if (object) yield object;
  }
}

const RESERVED = Buffer.from('.waybill-tmp/');
const isReserved = (key: Buffer): boolean =>
  key.subarray(0, RESERVED.length).equals(RESERVED) || isProbeKey(key);
