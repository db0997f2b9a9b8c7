import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { contentOf } from './blank.ts';

/** A device with these files and, where a path ends in a slash, folders. */
function deviceWith(...paths: string[]): string {
  const root = tempDir();
  for (const path of paths) {
    mkdirSync(join(root, path.endsWith('/') ? path : dirname(path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(root, path), 'x');
  }
  return root;
}

const found = (root: string) => contentOf(root)?.toString();

test.each([
  ['ext4', ['lost+found/']],
  ['Windows', ['System Volume Information/WPSettings.dat', '$RECYCLE.BIN/S-1-5-21/desktop.ini']],
  ['FAT after a check', ['FOUND.000/FILE0000.CHK']],
  [
    'macOS',
    ['.Spotlight-V100/Store-V2/x', '.Trashes/501/old', '.fseventsd/fseventsd-uuid', '.DS_Store'],
  ],
  ['a Linux desktop', ['.Trash-1000/files/old', '.Trash-1000/info/old.trashinfo']],
  ['a camera', ['DCIM/100CANON/', 'MISC/']],
  ['an agent that was killed', ['waybill/lock.json', 'waybill/.tmp-label.json']],
  ['an agent that was killed while it tried names', ['waybill/.tmp-names/plain']],
])('a disk that %s made, or used, is blank', (_, paths) => {
  expect(found(deviceWith(...paths))).toBeUndefined();
});

test.each([
  ['a file', ['photos.zip'], 'photos.zip'],
  ['a picture of a camera', ['DCIM/100CANON/IMG_0001.JPG'], 'DCIM'],
  ['a name that only looks like the system’s', ['$RECYCLE.BIN.zip'], '$RECYCLE.BIN.zip'],
  ['a file with the name of a folder of the system', ['lost+found'], 'lost+found'],
  ['a volume', ['waybill/label.json'], 'waybill'],
])('%s is named as what is on it', (_, paths, entry) => {
  expect(found(deviceWith('System Volume Information/', ...paths))).toBe(entry);
});

test('links and any number of folders are no empty folder', () => {
  const linked = deviceWith('DCIM/');
  symlinkSync('/etc', join(linked, 'DCIM/link'));
  expect(found(linked)).toBe('DCIM');
  const many = Array.from({ length: 1100 }, (_, index) => `folders/${index}/`);
  expect(found(deviceWith(...many))).toBe('folders');
  const deep = deviceWith(`deep/${'d/'.repeat(1200)}`);
  expect(found(deep)).toBe('deep');
});
