import { createReadStream } from 'node:fs';

/** The bytes of a file, which is opened when the first of them is asked for: most bodies of a sample are not read. */
export async function* fileBody(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}
