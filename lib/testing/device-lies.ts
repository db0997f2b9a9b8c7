import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Files of the host beside a device. Whatever the device holds, not a byte, name or time of them may change. */
export interface Canary {
  dir: string;
  /** Throws what is not as it was. */
  check(): void;
}

/** Makes a tree with the names that a volume has, so that whoever follows a link into it finds what it looks for. */
export function makeCanary(dir: string): Canary {
  const names = ['000000/000001.seg', '000001.seg', '000001.cat', '000009.seg', 'label.json'];
  for (const name of [...names, 'seal.bin', 'seal.cms', '.tmp-seal.bin', 'lock.json', 'secret']) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), `${name} of the host`);
  }
  const before = stateOf(dir);
  return {
    dir,
    check: () => {
      const now = stateOf(dir);
      if (now === before) return;
      throw new Error(`the host was changed:\n${before}\nis now\n${now}`);
    },
  };
}

/** Everything about a tree but access times. */
function stateOf(dir: string): string {
  const lines: string[] = [];
  const walk = (path: string) => {
    const stat = lstatSync(path, { bigint: true });
    const { mode, nlink, size, mtimeNs, ctimeNs } = stat;
    const what = stat.isFile() ? readFileSync(path, 'latin1') : '';
    const target = stat.isSymbolicLink() ? readlinkSync(path) : '';
    lines.push([path, mode, nlink, size, mtimeNs, ctimeNs, what, target].join(' '));
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) walk(join(path, name));
  };
  walk(dir);
  return lines.join('\n');
}

/** What can be put in the place of a file or a folder. */
export const LIES: Record<string, (path: string, host: string) => void> = {
  'a link to a file of the host': (path, host) => symlinkSync(join(host, 'secret'), path),
  'a link to a folder of the host': (path, host) => symlinkSync(host, path),
  'a link to a name of the host that is free': (path, host) => symlinkSync(join(host, 'new'), path),
  'a link that leads up and out': (path, host) =>
    symlinkSync(`../../../../../../../../../..${host}`, path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to the folder it lies in': (path) => symlinkSync('.', path),
  'a named pipe': (path) => void spawnSync('mkfifo', [path]),
  'a device node without an end': (path) => void spawnSync('mknod', [path, 'c', '1', '5']),
  'a socket': (path) => {
    const listen = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', listen]);
  },
  'an empty file': (path) => writeFileSync(path, ''),
  'a file of other bytes': (path) => writeFileSync(path, Buffer.alloc(3000, 'lie')),
  'a file without an end': (path) => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 40);
  },
  'an empty folder': (path) => mkdirSync(path),
  'a folder of folders': (path) => mkdirSync(join(path, 'more/and/more'), { recursive: true }),
};

const temporaryAndOwn = (path: string): string[] => [
  path,
  join(dirname(path), `.tmp-${basename(path)}`),
];

/** The places of a sealed volume, temporary names with them. */
export const SEALED_PLACES: readonly string[] = [
  'waybill',
  'waybill/segments',
  'waybill/segments/000000',
  'waybill/catalog',
  'waybill/parity',
  'waybill/copy-1',
  'waybill/copy-2',
  ...[
    'waybill/label.json',
    'waybill/seal.bin',
    'waybill/seal.cms',
    'waybill/load.bin',
    'waybill/segments/000000/000001.seg',
    'waybill/segments/000000/000002.seg',
    'waybill/catalog/000001.cat',
    'waybill/catalog/000002.cat',
    'waybill/parity/000001-0.par',
    'waybill/parity/000002-0.par',
    'waybill/copy-1/label.json',
    'waybill/copy-1/seal.bin',
    'waybill/copy-2/seal.cms',
  ].flatMap(temporaryAndOwn),
  'waybill/lock.json',
];

/** Those of a bag; `object` is one of its objects, in a folder. */
export const BAG_PLACES: readonly string[] = [
  'waybill',
  'waybill/catalog',
  'data',
  'data/.waybill-tmp',
  'data/old',
  'data/old/1',
  ...[
    'waybill/label.json',
    'waybill/seal.bin',
    'waybill/seal.cms',
    'waybill/catalog/000001.cat',
    'waybill/copy-1/seal.bin',
    'bagit.txt',
    'bag-info.txt',
    'manifest-sha256.txt',
    'tagmanifest-sha256.txt',
  ].flatMap(temporaryAndOwn),
  'waybill/lock.json',
];

/** Puts a lie in a place of a device, instead of what is there. A place whose folder is a lie already stays. */
export function lie(deviceDir: string, place: string, kind: string, canary: Canary): void {
  const path = join(deviceDir, place);
  for (let dir = deviceDir; dir !== path; ) {
    const next = join(dir, path.slice(dir.length + 1).split('/')[0] ?? '');
    if (next === path) break;
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (!stat) mkdirSync(next);
    else if (!stat.isDirectory()) return;
    dir = next;
  }
  rmSync(path, { recursive: true, force: true });
  LIES[kind]?.(path, canary.dir);
}
