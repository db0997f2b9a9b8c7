import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentProcess } from '../../lib/testing/agent-process.ts';
import { manifestFiles } from '../../lib/testing/manifest-files.ts';
import { canMount, smallDisk } from '../../lib/testing/small-disk.ts';
import { makeTree } from '../../lib/testing/trees.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';

async function site() {
  const world = await volumeWorld('sealed');
  const { manifest, codeFile } = await manifestFiles(world);
  makeTree(world.source, { seed: 4, files: 30, bytesMax: 20_000 });
  const device = ['--device', world.deviceDir];
  const args = [...device, '--manifest', manifest, '--unlock-code-file', codeFile];
  return { world, args };
}

/** Leaves so many bytes of a disk. */
function fill(dir: string, left: number): void {
  const { bavail, bsize } = statfsSync(dir);
  writeFileSync(join(dir, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

describe('a state directory that cannot be used', () => {
  test('is named with the option that gives another, by every command that needs it', async () => {
    const { world, args } = await site();
    const file = join(world.dir, 'a-file');
    writeFileSync(file, '');
    const state = { WAYBILL_STATE: join(file, 'state') };
    const prepared = await agentProcess(['copy', world.source, ...args, '--no-seal'], {
      WAYBILL_STATE: join(world.dir, 'good'),
    });
    expect(prepared.exit).toBe(0);
    for (const command of [['copy', world.source], ['seal'], ['restore', join(world.dir, 'to')]]) {
      const { exit, said } = await agentProcess([...command, ...args], state);
      expect([command[0], exit, said]).toEqual([
        command[0],
        3,
        expect.stringContaining(state.WAYBILL_STATE),
      ]);
      expect(said).toMatch(/error: the state directory .*\n.*--state/);
      expect(said).not.toContain('inside');
    }
    // It was sealed before its receipt could not be kept; what only reads needs no state.
    expect((await agentProcess(['verify', ...args], state)).exit).toBe(0);
  });

  test('below a home that cannot be written is the same', async () => {
    const { world, args } = await site();
    const { exit, said } = await agentProcess(['copy', world.source, ...args], {
      HOME: '/proc/self/fdinfo',
      WAYBILL_STATE: '',
    });
    expect([exit, said]).toEqual([3, expect.stringContaining('/proc/self/fdinfo/.local/state')]);
    expect(said).toContain('--state');
  });

  describe.runIf(canMount)('because its disk is', () => {
    // What there is room for differs: each way ends by itself, with the same words.
    test.each([0, 4096, 8192, 16_384, 32_768])('full but for %i bytes', async (left) => {
      const { world, args } = await site();
      const state = join(world.dir, 'state');
      smallDisk(state, 1);
      fill(state, left);
      const { exit, said } = await agentProcess(['copy', world.source, ...args, '--state', state]);
      if (exit === 0) return;
      expect([exit, said]).toEqual([3, expect.stringMatching(/state directory .*ENOSPC/)]);
      expect(said).toContain('--state');
    });

    test('read-only', async () => {
      const { world, args } = await site();
      const state = join(world.dir, 'state');
      mkdirSync(state);
      smallDisk(state, 1).remount('ro');
      const { exit, said } = await agentProcess(['copy', world.source, ...args, '--state', state]);
      expect([exit, said]).toEqual([3, expect.stringMatching(/state directory .*EROFS/)]);
    });
  });
});
