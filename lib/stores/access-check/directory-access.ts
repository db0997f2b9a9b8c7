import {
  closeSync,
  fsyncSync,
  opendirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { writeAll } from '../../files/file-access.ts';
import { BucketPlace } from '../local/bucket-place.ts';
import { TemporaryFolder } from '../local/temporary-folder.ts';
import type { FolderSpec } from '../store-spec.ts';
import type { RightTrials } from './trials.ts';

/** Tries the rights of a bucket that lies in a directory. Throws BucketNotFound, StoreRefuses (it is not there). */
export async function tryFolder(spec: FolderSpec, rights: RightTrials): Promise<void> {
  const place = new BucketPlace(spec);
  place.require();
  const { dir } = place;
  const temporaries = new TemporaryFolder(dir);
  let before = '';
  const after = () => `${before}-renamed`;
  try {
    await rights.try('list', [], () => opendirSync(dir).closeSync());
    await rights.try('write', [], () => {
      before = temporaries.newPath();
      const fd = openSync(before, 'wx', 0o600);
      try {
        writeAll(fd, Buffer.from('1'));
      } finally {
        closeSync(fd);
      }
    });
    await rights.try('read', ['write'], () => readFileSync(before));
    await rights.try('replace', ['write'], () => {
      renameSync(before, after());
      renameSync(after(), before);
    });
    await rights.try('sync', ['write'], () => {
      const fd = openSync(before, 'r+');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    });
    await rights.try('delete', ['write'], () => unlinkSync(before));
  } finally {
    if (before) for (const path of [before, after()]) rmSync(path, { force: true });
    temporaries.close();
  }
}
