import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type VolumeWorld, volumeWorld } from '../../volume-world.ts';
import type { Scenario } from '../scenario.ts';
import { rounds } from '../story.ts';
import { HOSTILE_CATALOGS, type HostileCase } from './catalogs.ts';
import type { ChildAnswer, ChildRequest } from './child.ts';
import { GOOD } from './forge.ts';
import { HOSTILE_FORMAT_2 } from './format-2.ts';
import { HOSTILE_SEALS } from './seals.ts';

/** Every lie there is. */
export const HOSTILE_CASES: HostileCase[] = [
  ...HOSTILE_CATALOGS,
  ...HOSTILE_SEALS,
  ...HOSTILE_FORMAT_2,
];

/** Heap of the process that reads what hostile sites send, MiB. */
const HEAP_MIB = 128;
/** What it may take in all: the heap, Node itself and its buffers. Bytes. */
const RSS_MAX = 512 * 1024 * 1024;
/** A prime: as many rounds as there are cases try each once, and a few rounds try some of every sort. */
const STEP = 67;
/** After so long it hangs. */
const PATIENCE_MS = 60_000;

export const hostile: Scenario = {
  name: 'hostile volumes',
  about:
    "volumes forged by who has the job key and the job's signing key are refused, or their objects are, in a process with a heap of 128 MiB; honest objects land, nothing is written outside of the bucket, and nothing hangs",
  factor: 1,
  async run({ seed, rounds: count, say }) {
    const totals = { forgeries: 0, refused: 0, reported: 0, landed: 0, rssMiB: 0 };
    const station = new Station();
    try {
      await rounds({ seed, rounds: count, name: 'hostile volumes' }, async ({ dir }) => {
        const found = HOSTILE_CASES[(totals.forgeries * STEP + seed - 1) % HOSTILE_CASES.length];
        assert(found, 'there is a case');
        totals.forgeries += 1;
        try {
          const answer = await tryCase(found, dir, station);
          if ('refused' in answer) totals.refused += 1;
          else {
            if (answer.failed > 0) totals.reported += 1;
            else totals.landed += 1;
            totals.rssMiB = Math.max(totals.rssMiB, Math.round(answer.rssBytes / 2 ** 20));
          }
        } catch (error) {
          const why = error instanceof Error ? error.message : error;
          throw new Error(`${found.name}: ${why}`, { cause: error });
        }
        say(found.name);
      });
    } finally {
      station.stop();
    }
    return totals;
  },
};

type Done = Exclude<ChildAnswer, { bug: string }>;

async function tryCase(hostileCase: HostileCase, dir: string, station: Station): Promise<Done> {
  const world = await volumeWorld('sealed', dir, hostileCase.format);
  mkdirSync(join(dir, 'outside'));
  writeFileSync(join(dir, 'outside/secret'), 'secret');
  mkdirSync(join(world.storeRoot, 'another-bucket'));
  hostileCase.make(world);
  const before = outside(world);
  const answer = await station.unload(world);
  assert(!('bug' in answer), `an error that is not typed: ${'bug' in answer ? answer.bug : ''}`);
  assert.deepEqual(outside(world), before, 'nothing is written outside of the bucket');
  checkBucket(world);
  const { outcome } = hostileCase;
  if ('refused' in answer) {
    const may = outcome === 'refused' || outcome === 'any';
    assert(may, `refused: ${answer.refused} ${answer.message}`);
    return answer;
  }
  assert(answer.rssBytes < RSS_MAX, `memory stays bounded: ${answer.rssBytes}`);
  assert.notEqual(outcome, 'refused', 'it had to be refused');
  if (outcome !== 'any') {
    assert.equal(
      answer.failed,
      outcome === 'lands' ? 0 : typeof outcome === 'object' ? outcome.failed : 0,
    );
    assert.deepEqual(readFileSync(join(world.bucketDir, 'good')), GOOD, 'the honest object lands');
  }
  return answer;
}

/** All that lies around the bucket but for what an unload keeps for itself. */
function outside(world: VolumeWorld): string[] {
  const own = [
    world.bucketDir,
    join(world.dir, 'unload-state'),
    join(world.deviceDir, 'waybill/lock.json'),
  ];
  const found: string[] = [];
  const walk = (dir: string) => {
    for (const name of readdirSync(dir)) {
      const path = join(dir, name);
      if (own.includes(path)) continue;
      const stat = lstatSync(path);
      found.push(`${path} ${stat.mode} ${stat.isFile() ? `${stat.size} ${stat.mtimeMs}` : ''}`);
      if (stat.isDirectory()) walk(path);
    }
  };
  walk(world.dir);
  return found;
}

/** Files and folders only, without set-id bits; links are those that were there. */
function checkBucket({ bucketDir }: VolumeWorld): void {
  for (const entry of readdirSync(bucketDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) assert.equal(entry.name, 'link', 'no link is made');
    else assert(entry.isFile() || entry.isDirectory(), `${path} is a file or a folder`);
    if (entry.isFile()) assert.equal(lstatSync(path).mode & 0o7000, 0, 'no set-id bits');
  }
}

/** A process that unloads, one volume after the other. One that dies or hangs fails its case. */
class Station {
  #child: ChildProcess | undefined;

  async unload(world: VolumeWorld): Promise<ChildAnswer> {
    const { jobKey, ...options } = world.unloadOptions();
    const request: ChildRequest = {
      ...options,
      jobKeyBase64: Buffer.from(jobKey ?? []).toString('base64'),
    };
    const child = this.#child ?? (await this.#start());
    try {
      const answer = nextMessage(child, true);
      child.send(request);
      return (await answer) as ChildAnswer;
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const entry = fileURLToPath(new URL('./child.ts', import.meta.url));
    const child = fork(entry, { execArgv: ['--import', tsx, `--max-old-space-size=${HEAP_MIB}`] });
    this.#child = child;
    await nextMessage(child, false);
    return child;
  }
}

/** The next message of a child; it must come in time unless it is still starting. */
function nextMessage(child: ChildProcess, timed: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = timed ? setTimeout(() => reject(new Error('it hangs')), PATIENCE_MS) : undefined;
    const ended = (code: number | null) => reject(new Error(`the process died (${code})`));
    child.once('exit', ended);
    child.once('message', (message) => {
      clearTimeout(timer);
      child.off('exit', ended);
      resolve(message);
    });
  });
}
