import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../testing/temp.ts';
import { UploadFile } from './upload-state.ts';

const half = (uploadId: string) => ({ uploadId, partBytes: 5 });

describe('the file of half-done uploads', () => {
  test('knows the last upload of an object that has not ended', () => {
    const uploads = new UploadFile(join(tempDir(), 'uploads.jsonl'));
    expect(uploads.find('a')).toBeUndefined();
    uploads.note('a', 'begun', half('1'));
    uploads.note('b', 'begun', half('2'));
    uploads.note('a', 'ended', half('1'));
    expect(uploads.find('a')).toBeUndefined();
    expect(uploads.find('b')).toEqual(half('2'));
  });

  test('loses no other line to one that a crash has torn', () => {
    const path = join(tempDir(), 'uploads.jsonl');
    const uploads = new UploadFile(path);
    uploads.note('a', 'begun', half('1'));
    uploads.note('b', 'begun', half('2'));
    truncateSync(path, readFileSync(path).length - 10);
    uploads.note('c', 'begun', half('3'));
    appendFileSync(path, '\0\0\0');
    uploads.note('d', 'begun', half('4'));
    expect(['a', 'b', 'c', 'd'].map((name) => uploads.find(name)?.uploadId)).toEqual([
      '1',
      undefined,
      '3',
      '4',
    ]);
  });
});
