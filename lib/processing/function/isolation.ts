import { spawnSync } from 'node:child_process';

/** How a function's process is shut in on this host. */
export interface Isolation {
  /** Command and arguments that come before the program. */
  before: string[];
  /** Flags of Node. */
  flags: string[];
  /** In words, for people. */
  words: string;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** The permission model has its final name from 22.13 (and 23.5) on. */
const PERMISSION =
  major >= 24 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13)
    ? '--permission'
    : '--experimental-permission';

let hasNamespaces: boolean | undefined;

/** Whether the kernel lets this user make a network namespace: an empty network for one process. */
function networkNamespaces(): boolean {
  hasNamespaces ??=
    process.platform === 'linux' &&
    spawnSync('unshare', ['--map-root-user', '--net', 'true'], { stdio: 'ignore' }).status === 0;
  return hasNamespaces;
}

/** Reads below `dir` only; writes nothing; starts no process, thread or native code; no network unless allowed. */
export function isolation(dir: string, network: boolean): Isolation {
  const flags = [PERMISSION, `--allow-fs-read=${dir}/*`, '--no-warnings'];
  if (network && major >= 25) flags.push('--allow-net');
  const inNamespace = !network && networkNamespaces();
  return {
    before: inNamespace ? ['unshare', '--map-root-user', '--net', '--'] : [],
    flags,
    words: network
      ? 'with network'
      : `without network (${inNamespace ? 'a namespace of its own' : 'refused inside Node'})`,
  };
}
