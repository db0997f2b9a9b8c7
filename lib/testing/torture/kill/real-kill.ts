import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../../domain/errors.ts';
import { isSealed } from '../../../volume/label.ts';
import { manifestFiles } from '../../manifest-files.ts';
import { makeTree, seededBytes, snapshot } from '../../trees.ts';
import { volumeWorld } from '../../volume-world.ts';
import type { Scenario } from '../scenario.ts';
import { rounds } from '../story.ts';

const BUNDLE = fileURLToPath(new URL('../../../../dist/waybill.mjs', import.meta.url));
const AGENT = 'waybill.mjs';
const SAID_CHARS = 600;
/** It has hardly begun before; then it is given a little more time after each kill, until it is through. */
const STARTED_MS = 200;
const FIRST_MS = 200;
const MORE_MS = 40;

/** Kills the program itself, with its threads, as often as it takes it to be through. */
export const realKill: Scenario = {
  name: 'killed process',
  about:
    'the bundled agent is killed with SIGKILL at any moment of a copy and of a restore, again and again; the last run ends well and the result is whole',
  factor: 0.1,
  async run({ seed, rounds: count }) {
    const totals = { kills: 0, runs: 0 };
    const whole = Math.max(1, Math.round(count));
    await rounds({ seed, rounds: whole, name: 'killed process' }, async (round) => {
      const { random, dir, seed: own } = round;
      const world = await volumeWorld('sealed', dir);
      // A copy: a build meanwhile changes nothing.
      copyFileSync(BUNDLE, join(dir, AGENT));
      makeTree(world.source, { seed: own, files: 1500, bytesMax: 20_000 });
      writeFileSync(join(world.source, 'large'), seededBytes(own, 12_000_000));
      const load = await manifestFiles(world);
      const restore = await manifestFiles(world, { type: 'export' });
      const destination = join(dir, 'restored');
      mkdirSync(destination);
      const commands = [
        ['copy', world.source, '--manifest', load.manifest, '--unlock-code-file', load.codeFile],
        [
          ...['restore', destination, '--manifest', restore.manifest],
          ...['--unlock-code-file', restore.codeFile],
        ],
      ];
      for (const command of commands) {
        for (let patience = FIRST_MS; ; patience += MORE_MS) {
          const child = start(dir, [...command, '--device', world.deviceDir]);
          totals.runs += 1;
          const { code, said } = await endedOrKilled(child, STARTED_MS + random() * patience);
          if (code === null) totals.kills += 1;
          else {
            // A copy that was killed right after its last step has nothing left to do, and says so.
            const sealed = command[0] === 'copy' && isSealed(world.deviceDir);
            const right = sealed && code !== 0 ? EXIT.device : 0;
            assert.equal(code, right, `${command[0]} ends with ${code}: ${said}`);
            break;
          }
        }
      }
      const state = join(dir, 'agent-state/jobs', world.label.jobId);
      assert.ok(existsSync(join(state, 'receipt.cms')), 'the console can be told of the seal');
      assert.deepEqual(snapshot(destination), snapshot(world.source));
    });
    return totals;
  },
};

function start(dir: string, args: string[]): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: dir, WAYBILL_STATE: join(dir, 'agent-state') };
  return spawn(process.execPath, [AGENT, ...args, '--json'], {
    cwd: dir,
    env: { ...env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Its exit code, or null when it took longer and was killed; and the last it said. */
async function endedOrKilled(
  child: ChildProcess,
  ms: number,
): Promise<{ code: number | null; said: string }> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said = (said + String(chunk)).slice(-SAID_CHARS);
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const first = await Promise.race([ended, sleep(ms, 'late' as const)]);
  if (first === 'late') child.kill('SIGKILL');
  return { code: await ended, said };
}
