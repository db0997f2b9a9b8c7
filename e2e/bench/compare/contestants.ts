import { join } from 'node:path';
import type { Command } from '../measure/measure.ts';
import { type Peer, writeRcloneConfig } from '../measure/peers.ts';
import { type Arena, agentCommand } from './environment.ts';
import type { Work } from './workloads.ts';

/** One command of a contestant. Its series is `<contestant>/<name>`; without a name it only prepares. */
export interface Step {
  name?: string;
  /** It runs when any of these is asked for. */
  for: Work[];
  command(arena: Arena): Command;
  /** Kills it when this share of the source's bytes is on the target. */
  killAt?: number;
  /** Name of the series of the time until the agent says that it copies. */
  untilCopying?: string;
  /** Where the source's bytes have to be afterwards; `exactly` the same files, or no fewer bytes. */
  leaves?: { where: 'target' | 'restored'; exactly: boolean };
}

export interface Contestant {
  id: string;
  peer?: Peer;
  steps: Step[];
}

const LOADS: Work[] = ['load', 'verify', 'unload', 'resume', 'parity'];
const COPY_ONLY = ['--no-verify', '--no-seal'];
const SEALED_BYTES = { where: 'target', exactly: false } as const;
const SAME_FILES = { where: 'target', exactly: true } as const;
const RESTORED_FILES = { where: 'restored', exactly: true } as const;
const HALF = 0.5;

const resumable = (arena: Arena, ...more: string[]): Command =>
  agentCommand(arena, 'sealed', ['copy', arena.source.dir, '--json', ...more]);

const WAYBILL: Contestant[] = [
  {
    id: 'waybill',
    steps: [
      {
        name: 'load',
        for: LOADS,
        leaves: SEALED_BYTES,
        command: (arena) => agentCommand(arena, 'sealed', ['copy', arena.source.dir, ...COPY_ONLY]),
      },
      {
        name: 'verify',
        for: ['verify'],
        command: (arena) => agentCommand(arena, 'sealed', ['verify']),
      },
      {
        for: ['unload'],
        command: (arena) => agentCommand(arena, 'sealed', ['seal', '--no-verify']),
      },
      {
        name: 'unload',
        for: ['unload'],
        leaves: RESTORED_FILES,
        command: (arena) => agentCommand(arena, 'restore', ['restore', arena.restored]),
      },
    ],
  },
  {
    id: 'waybill-bag',
    steps: [
      {
        name: 'load',
        for: ['bag', 'verify'],
        leaves: SEALED_BYTES,
        command: (arena) => agentCommand(arena, 'bag', ['copy', arena.source.dir, ...COPY_ONLY]),
      },
      {
        name: 'verify',
        for: ['verify'],
        command: (arena) => agentCommand(arena, 'bag', ['verify']),
      },
    ],
  },
  {
    id: 'waybill-resume',
    steps: [
      {
        name: 'dry-run',
        for: ['resume'],
        command: (arena) => resumable(arena, '--dry-run'),
      },
      {
        for: ['resume'],
        killAt: HALF,
        untilCopying: 'first-scan',
        command: (arena) => resumable(arena, ...COPY_ONLY),
      },
      {
        name: 'resume',
        for: ['resume'],
        untilCopying: 'restart',
        leaves: SEALED_BYTES,
        command: (arena) => resumable(arena, ...COPY_ONLY),
      },
    ],
  },
  {
    id: 'waybill-parity',
    steps: [
      {
        name: 'load',
        for: ['parity'],
        leaves: SEALED_BYTES,
        command: (arena) =>
          agentCommand(arena, 'sealed', ['copy', arena.source.dir, ...COPY_ONLY, '--parity', '5%']),
      },
      {
        for: ['parity'],
        command: ({ target }) => ({
          file: 'rm',
          args: [join(target, 'waybill/segments/000000/000001.seg')],
        }),
      },
      {
        name: 'repair',
        for: ['parity'],
        leaves: SEALED_BYTES,
        command: (arena) => agentCommand(arena, 'sealed', ['verify', '--repair']),
      },
    ],
  },
];

/** rclone at its better: twice the workers was faster than as many, and four (its default) than eight. */
const rclone = (arena: Arena, from: string, to: string): Command => ({
  file: 'rclone',
  args: ['copy', '--transfers', String(2 * arena.workers), from, to],
  env: { RCLONE_CONFIG: join(arena.dir, 'rclone.conf') },
});

/** Every file of the source, `parallel` processes at a time, each with enough files to be worth its start. */
function sha256sum({ source }: Arena, parallel: number): Command {
  const filesEach = Math.max(1, Math.min(500, Math.floor(source.files / (4 * parallel))));
  const script = 'find . -type f -print0 | xargs -0 -P "$0" -n "$1" sha256sum';
  return {
    file: 'sh',
    args: ['-c', script, String(parallel), String(filesEach)],
    cwd: source.dir,
  };
}

const restic = ({ target, secrets, home, source }: Arena, ...args: string[]): Command => ({
  file: 'restic',
  args: ['--repo', target, '--quiet', ...args],
  env: { RESTIC_PASSWORD: secrets.passphrase, RESTIC_CACHE_DIR: join(home, 'restic') },
  cwd: source.dir,
});

const borg = ({ dir, secrets, source }: Arena, ...args: string[]): Command => ({
  file: 'borg',
  args,
  env: { BORG_PASSPHRASE: secrets.passphrase, BORG_BASE_DIR: join(dir, 'borg') },
  cwd: source.dir,
});

const COPIES: Work[] = ['load', 'bag'];

const OTHERS: Contestant[] = [
  {
    id: 'cp',
    peer: 'cp',
    steps: [
      {
        name: 'load',
        for: COPIES,
        leaves: SAME_FILES,
        command: ({ source, target }) => ({ file: 'cp', args: ['-r', `${source.dir}/.`, target] }),
      },
    ],
  },
  {
    id: 'rsync',
    peer: 'rsync',
    steps: [
      {
        name: 'load',
        for: COPIES,
        leaves: SAME_FILES,
        command: ({ source, target }) => ({
          file: 'rsync',
          args: ['-a', `${source.dir}/`, target],
        }),
      },
    ],
  },
  {
    id: 'rclone',
    peer: 'rclone',
    steps: [
      {
        name: 'load',
        for: COPIES,
        leaves: SAME_FILES,
        command: (arena) => {
          writeRcloneConfig(join(arena.dir, 'rclone.conf'), arena.target, arena.secrets);
          return rclone(arena, arena.source.dir, arena.target);
        },
      },
    ],
  },
  {
    id: 'rclone-crypt',
    peer: 'rclone',
    steps: [
      {
        name: 'load',
        for: ['load', 'unload'],
        leaves: SEALED_BYTES,
        command: (arena) => {
          writeRcloneConfig(join(arena.dir, 'rclone.conf'), arena.target, arena.secrets);
          return rclone(arena, arena.source.dir, 'crypt:');
        },
      },
      {
        name: 'unload',
        for: ['unload'],
        leaves: RESTORED_FILES,
        command: (arena) => rclone(arena, 'crypt:', arena.restored),
      },
    ],
  },
  {
    id: 'tar-age',
    peer: 'age',
    steps: [
      {
        name: 'load',
        for: ['load'],
        leaves: SEALED_BYTES,
        command: ({ source, target, secrets }) => ({
          file: 'sh',
          args: [
            '-c',
            'tar -cf - . | age -r "$0" -o "$1"',
            secrets.ageRecipient,
            `${target}/tar.age`,
          ],
          cwd: source.dir,
        }),
      },
    ],
  },
  {
    id: 'restic',
    peer: 'restic',
    steps: [
      { for: ['load'], command: (arena) => restic(arena, 'init') },
      {
        name: 'load',
        for: ['load'],
        leaves: SEALED_BYTES,
        // The data cannot be compressed, and the others do not try.
        command: (arena) => restic(arena, 'backup', '--compression', 'off', '.'),
      },
    ],
  },
  {
    id: 'borg',
    peer: 'borg',
    steps: [
      {
        for: ['load'],
        command: (arena) => borg(arena, 'init', '--encryption', 'repokey-blake2', arena.target),
      },
      {
        name: 'load',
        for: ['load'],
        leaves: SEALED_BYTES,
        command: (arena) =>
          borg(arena, 'create', '--compression', 'none', `${arena.target}::bench`, '.'),
      },
    ],
  },
  {
    id: 'sha256sum',
    peer: 'sha256sum',
    steps: [{ name: 'verify', for: ['verify'], command: (arena) => sha256sum(arena, 1) }],
  },
  {
    id: 'sha256sum-parallel',
    peer: 'sha256sum',
    steps: [
      {
        name: 'verify',
        for: ['verify'],
        command: (arena) => sha256sum(arena, arena.workers),
      },
    ],
  },
];

/** Everybody, in the order of the first round. */
export const CONTESTANTS: Contestant[] = [...WAYBILL, ...OTHERS];
