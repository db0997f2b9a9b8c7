import { mkdirSync, mkdtempSync } from 'node:fs';
import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobFiles } from '../job-files.ts';
import type { DataSet } from '../measure/datasets.ts';
import type { Command } from '../measure/measure.ts';
import type { PeerSecrets } from '../measure/peers.ts';
import type { Place } from '../measure/places.ts';

/** What all contestants of a run share. */
export interface Equipment {
  /** The agent's bundle: a copy, so that a build meanwhile changes nothing. */
  agent: string;
  job: JobFiles;
  secrets: PeerSecrets;
  workers: number;
  /** An empty home, for caches and settings. */
  home: string;
}

/** Where one contestant works once. */
export interface Arena extends Equipment {
  source: DataSet;
  dir: string;
  /** What is written to: the device, the copy, the repository. */
  target: string;
  /** Where things are restored to. */
  restored: string;
  /** Where the agent keeps the state of the job. */
  state: string;
}

export function openArena(place: Place, source: DataSet, equipment: Equipment): Arena {
  const dir = mkdtempSync(join(place.dir, 'run-'));
  const [target, restored, state] = ['target', 'restored', 'state'].map((name) => join(dir, name));
  const arena = { ...equipment, source, dir, target: `${target}`, restored: `${restored}` };
  for (const path of [arena.target, arena.restored]) mkdirSync(path);
  return { ...arena, state: `${state}` };
}

/**
 * Makes room for the next one. On a disk the files stay, emptied, until the benchmark ends: for a minute and
 * more ext4 does not reuse the inodes of removed files, and looks for others so long that whoever makes many
 * files next would pay for what was removed before.
 */
export async function closeArena({ dir }: Arena, place: Place): Promise<void> {
  if (place.name === 'tmpfs') return rm(dir, { recursive: true, force: true });
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // What may not be written, such as the files of a repository, goes.
    if (entry.isFile()) await truncate(path).catch(() => rm(path, { force: true }));
  }
}

/** A command of the agent on the arena's device. */
export function agentCommand(
  arena: Arena,
  manifest: keyof Omit<JobFiles, 'codeFile'>,
  [name = '', ...more]: string[],
): Command {
  const { agent, job, target, state, workers } = arena;
  const credentials = ['--manifest', job[manifest], '--unlock-code-file', job.codeFile];
  const work = ['--device', target, '--state', state, '--workers', String(workers)];
  return { file: process.execPath, args: [agent, name, ...credentials, ...work, ...more] };
}
