import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { DeviceFiles } from './device.ts';

/** A device, and a folder of the host beside it with one file that nothing may touch. */
function deviceAndHost() {
  const dir = tempDir();
  const [root, host] = [join(dir, 'device'), join(dir, 'host')];
  mkdirSync(join(root, 'waybill'), { recursive: true });
  mkdirSync(host);
  writeFileSync(join(host, 'precious'), 'precious');
  const untouched = () => {
    expect(readdirSync(host)).toEqual(['precious']);
    expect(readFileSync(join(host, 'precious'), 'utf8')).toBe('precious');
  };
  return { root, host, device: new DeviceFiles(root), untouched };
}

const PATH = 'waybill/catalog/000001.cat';

/** What can lie where something of ours belongs. Each is made at a path. */
const KINDS: Record<string, (path: string, host: string) => void> = {
  'a link to a file of the host': (path, host) => symlinkSync(join(host, 'precious'), path),
  'a link to a folder of the host': (path, host) => symlinkSync(host, path),
  'a link to a name of the host that is free': (path, host) => symlinkSync(join(host, 'new'), path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a named pipe': (path) => void spawnSync('mkfifo', [path]),
  'a device node': (path) => void spawnSync('mknod', [path, 'c', '1', '5']),
};
const FILE_OR_FOLDER: typeof KINDS = {
  ...KINDS,
  'a folder that is not empty': (path) => mkdirSync(join(path, 'deep', 'er'), { recursive: true }),
};

describe.each(Object.entries(KINDS))('%s in the place of a folder', (_, make) => {
  test('is refused by readers and writers, and only ever removed itself', () => {
    const { root, host, device, untouched } = deviceAndHost();
    make(join(root, 'waybill/catalog'), host);
    const refused = expect.objectContaining({ code: 'DeviceHostile' });
    expect(() => device.read(PATH, 100)).toThrow(refused);
    expect(() => device.open(PATH)).toThrow(refused);
    expect(() => device.entry(PATH)).toThrow(refused);
    expect(() => [...device.entries('waybill/catalog')]).toThrow(refused);
    expect(() => device.makeFolder('waybill/catalog')).toThrow(refused);
    expect(() => device.create(PATH)).toThrow(refused);
    expect(() => device.publish(PATH, 'text')).toThrow(refused);
    expect(() => device.remove(PATH)).toThrow(refused);
    untouched();
    device.remove('waybill/catalog');
    device.makeFolder('waybill/catalog');
    device.publish(PATH, 'text');
    expect(device.read(PATH, 100)?.toString()).toBe('text');
    untouched();
  });
});

describe.each(Object.entries(FILE_OR_FOLDER))('%s in the place of a file', (_, make) => {
  test('is a missing file to readers, and gives way to a new one', () => {
    const { root, host, device, untouched } = deviceAndHost();
    mkdirSync(join(root, 'waybill/catalog'));
    make(join(root, PATH), host);
    expect(device.read(PATH, 100)).toBeUndefined();
    expect(device.open(PATH)).toBeUndefined();
    expect(device.openToChange(PATH, 100)).toBeUndefined();
    expect(device.openToErase(PATH)).toBeUndefined();
    expect(device.hasFile(PATH)).toBe(false);
    expect(() => device.create(PATH)).toThrow(expect.objectContaining({ code: 'DeviceIo' }));
    untouched();
    device.publish(PATH, 'text');
    expect(device.read(PATH, 100)?.toString()).toBe('text');
    untouched();
  });

  test('is removed from a temporary name before that is used', () => {
    const { root, host, device, untouched } = deviceAndHost();
    mkdirSync(join(root, 'waybill/catalog'));
    make(join(root, 'waybill/catalog/.tmp-000001.cat'), host);
    device.publish(PATH, 'text');
    make(join(root, 'waybill/catalog/.tmp-000001.cat'), host);
    closeSync(device.createTemporary(PATH));
    device.publishTemporary(PATH);
    make(join(root, 'waybill/catalog/.tmp-other'), host);
    device.removeTemporaries('waybill/catalog');
    expect(readdirSync(join(root, 'waybill/catalog'))).toEqual(['000001.cat']);
    untouched();
  });
});

describe('a device', () => {
  test('is read no further than a reader allows, however large its files claim to be', () => {
    const { root, device } = deviceAndHost();
    writeFileSync(join(root, 'waybill/seal.bin'), '');
    truncateSync(join(root, 'waybill/seal.bin'), 2 ** 40);
    expect(device.read('waybill/seal.bin', 1000)).toBeUndefined();
    expect(device.entry('waybill/seal.bin')).toEqual({ kind: 'file', bytes: 2 ** 40 });
  });

  test('that is swapped for another is written to no more', () => {
    const { root, device } = deviceAndHost();
    device.publish('waybill/one', '1');
    renameSync(root, `${root}-away`);
    mkdirSync(join(root, 'waybill'), { recursive: true });
    const refused = expect.objectContaining({ code: 'DeviceNotFound' });
    expect(() => device.publish('waybill/two', '2')).toThrow(refused);
    expect(() => device.read('waybill/two', 10)).toThrow(refused);
    expect(readdirSync(join(root, 'waybill'))).toEqual([]);
    new DeviceFiles(root).publish('waybill/two', '2');
    expect(readdirSync(join(root, 'waybill'))).toEqual(['two']);
  });

  test('is not left by a path', () => {
    const { device, untouched } = deviceAndHost();
    for (const path of [
      '../host/precious',
      'waybill/../../host/new',
      '/etc',
      'a//b',
      'a/.',
      'a\0',
    ]) {
      const refused = expect.objectContaining({ code: 'DeviceHostile' });
      expect(() => device.read(path, 100)).toThrow(refused);
      expect(() => device.publish(path, 'x')).toThrow(refused);
      expect(() => device.remove(Buffer.from(path))).toThrow(refused);
    }
    untouched();
  });

  test('gives up a tree of any depth and width with a handful of descriptors', () => {
    const { root, device } = deviceAndHost();
    // Deeper than any path can name, as only calls relative to a folder can make it.
    const step = "fs.mkdirSync('deeper'); fs.writeFileSync('f', ''); process.chdir('deeper');";
    const script = `fs.mkdirSync('deep'); process.chdir('deep'); for (let i = 0; i < 700; i += 1) { ${step} }`;
    expect(spawnSync(process.execPath, ['-e', script], { cwd: root }).status).toBe(0);
    for (let i = 0; i < 1100; i += 1) writeFileSync(join(root, `deep/wide-${i}`), '');
    device.remove('deep');
    expect(existsSync(join(root, 'deep'))).toBe(false);
  });

  test('removes a hard link without a change to the file that has another name', () => {
    const { root, device } = deviceAndHost();
    writeFileSync(join(root, 'kept'), 'kept');
    linkSync(join(root, 'kept'), join(root, 'waybill/.tmp-label.json'));
    device.publish('waybill/label.json', 'label');
    expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('kept');
  });

  test('changes a file in place, and of one with other names a copy of as much as is wanted', () => {
    const { root, device } = deviceAndHost();
    const path = join(root, 'waybill/segment');
    const write = (bytesMax: number) => {
      const fd = device.openToChange('waybill/segment', bytesMax) ?? -1;
      writeSync(fd, 'X', 1);
      closeSync(fd);
    };
    writeFileSync(path, 'abcdef', { mode: 0o640 });
    const { ino } = statSync(path);
    write(4);
    expect([readFileSync(path, 'utf8'), statSync(path).ino]).toEqual(['aXcdef', ino]);
    writeFileSync(path, 'abcdef');
    linkSync(path, join(root, 'kept'));
    write(4);
    expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('abcdef');
    expect(readFileSync(path, 'utf8')).toBe('aXcd');
    expect(statSync(path)).toMatchObject({ nlink: 1, mode: 0o100640 });
    expect(readdirSync(join(root, 'waybill'))).toEqual(['segment']);
  });

  test('shows names that are not UTF-8, and what kind of thing each is', () => {
    const { root, device } = deviceAndHost();
    const name = Buffer.from([0xff, 0x41]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/waybill/`), name]), '');
    expect([...device.entries('waybill')]).toEqual([{ name, kind: 'file' }]);
    device.remove(Buffer.concat([Buffer.from('waybill/'), name]));
    expect([...device.entries('waybill')]).toEqual([]);
    expect([...device.entries('waybill/nothing')]).toEqual([]);
  });

  test('keeps what a folder on another file system holds', (context) => {
    const { root, device } = deviceAndHost();
    const inner = join(root, 'waybill/segments');
    mkdirSync(inner);
    if (spawnSync('mount', ['-t', 'tmpfs', 'none', inner]).status !== 0) context.skip();
    try {
      writeFileSync(join(inner, 'theirs'), 'theirs');
      const refused = expect.objectContaining({ code: 'DeviceHostile' });
      expect(() => device.read('waybill/segments/theirs', 10)).toThrow(refused);
      expect(() => device.publish('waybill/segments/new', '')).toThrow(refused);
      expect(() => device.remove('waybill/segments')).toThrow(refused);
      expect(() => device.remove('waybill')).toThrow(refused);
      expect(readdirSync(inner)).toEqual(['theirs']);
    } finally {
      spawnSync('umount', [inner]);
    }
  });

  test('leaks no descriptor, whatever is in the way', () => {
    const { root, host, device } = deviceAndHost();
    symlinkSync(host, join(root, 'waybill/catalog'));
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let i = 0; i < 10; i += 1) {
      expect(() => device.read(PATH, 10)).toThrow();
      expect(() => device.publish(PATH, '')).toThrow();
      expect(device.read('waybill/none/at/all', 10)).toBeUndefined();
      for (const _ of device.entries('waybill')) break;
      device.publish('waybill/some', 'some');
    }
    expect(open()).toBe(before);
  });

  test('keeps the mode that a file is given', () => {
    const { root, device } = deviceAndHost();
    device.publish('waybill/secret', '', 0o600);
    expect(lstatSync(join(root, 'waybill/secret')).mode & 0o777).toBe(0o600);
    chmodSync(join(root, 'waybill/secret'), 0o400);
    device.publish('waybill/secret', 'new', 0o600);
    expect(device.read('waybill/secret', 10)?.toString()).toBe('new');
  });
});
