import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';
import { readTar } from './tar-reader.ts';

const packed = (files: readonly { name: string; content: Buffer }[]): Buffer =>
  Buffer.concat([
    ...files.flatMap(({ name, content }) => [
      tarHeader({
        path: Buffer.from(name),
        kind: 'file',
        bytes: content.length,
        mtimeNs: 0n,
        mode: 0o644,
      }),
      content,
      tarPadding(content.length),
    ]),
    TAR_END,
  ]);

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Buffer, chunk = 700) {
  const files: { name: string; content: Buffer }[] = [];
  for await (const { name, content } of readTar(inChunks(bytes, chunk))) {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    files.push({ name, content: Buffer.concat(parts) });
  }
  return files;
}

const FILES = [
  { name: 'empty', content: Buffer.alloc(0) },
  { name: 'block', content: randomBytes(512) },
  { name: 'odd', content: randomBytes(5001) },
];

test.each([1, 511, 512, 513, 100_000])('files come back, in chunks of %d bytes', async (chunk) => {
  expect(await unpacked(packed(FILES), chunk)).toEqual(FILES);
});

test('a file that nobody reads is passed over', async () => {
  const names: string[] = [];
  for await (const { name } of readTar(inChunks(packed(FILES), 1000))) names.push(name);
  expect(names).toEqual(['empty', 'block', 'odd']);
});

test('a size beyond what a header holds is read from the header before it', async () => {
  const bytes = 9 * 1024 ** 3;
  const header = tarHeader({
    path: Buffer.from('large'),
    kind: 'file',
    bytes,
    mtimeNs: 0n,
    mode: 0o644,
  });
  for await (const member of readTar(inChunks(header, 512))) {
    expect(member).toMatchObject({ name: 'large', bytes });
    await expect(
      (async () => {
        for await (const _ of member.content);
      })(),
    ).rejects.toMatchObject({ code: 'TarInvalid' });
    break;
  }
});

test('what is cut off, damaged or something else is refused with a typed error', async () => {
  const whole = packed(FILES);
  const invalid = { code: 'TarInvalid' };
  for (const length of [0, 1, 512, 700, 5000]) {
    await expect(unpacked(whole.subarray(0, length))).rejects.toMatchObject(invalid);
  }
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ bits;
        try {
          await unpacked(changed);
        } catch (error) {
          expect(error).toMatchObject(invalid);
        }
      },
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (noise) => {
      fc.pre(noise.some((byte) => byte !== 0));
      await expect(unpacked(Buffer.from(noise))).rejects.toMatchObject(invalid);
    }),
  );
});
