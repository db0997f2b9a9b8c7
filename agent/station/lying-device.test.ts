import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentProcess } from '../../lib/testing/agent-process.ts';
import { served } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { LIES, lie, makeCanary } from '../../lib/testing/device-lies.ts';
import {
  actOn,
  device,
  type Facility,
  facility,
  imported,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { homesOf } from '../../lib/volume/copies.ts';
import { prepare } from './prepare.ts';

/** Devices whose last owner means harm, before a station and an agent that are processes of their own. */
const WITHIN_MS = 300_000;

/** A station that runs as a process, with a canary beside its dock. */
async function station() {
  const at = await facility();
  const url = await served(at.world);
  const token = join(at.dir, 'station.token');
  writeFileSync(token, await at.world.token('station'));
  const canary = makeCanary(join(tempDir(), 'host'));
  const access = ['--console', url, '--token-file', token, '--state', join(at.dir, 'state')];
  const run = (...argv: string[]) => agentProcess(['station', ...argv, ...access]);
  const look = () => run('watch', at.dock, '--once', '--simulated');
  return { ...at, at, run, look, canary };
}

/** An import whose device is on its way back, in the dock already. */
async function returned(at: Facility) {
  const { jobId, deviceDir } = await importOnItsWay(at, {
    fill: { seed: 5, files: 8, bytesMax: 5000 },
  });
  return { jobId, deviceDir };
}

const jobOf = (at: Facility, jobId: string) => at.operator.call('getJob', { params: { jobId } });

/** Erased only after everything landed; what landed is what the site had. */
async function checkEnd(at: Facility, jobId: string, deviceDir: string): Promise<void> {
  const job = await jobOf(at, jobId);
  const [there, sent] = [imported(at), snapshot(at.source)];
  for (const [key, value] of there) expect(value, key).toEqual(sent.get(key));
  if (job.erased || job.state === 'completed') expect(there).toEqual(sent);
  else expect(existsSync(join(deviceDir, 'waybill'))).toBe(true);
}

describe('a copy of the seal that is made up, and a link where the seal would be written', () => {
  test(
    'writes nothing on the host, is not imported and not erased',
    async () => {
      const { at, look, canary } = await station();
      const { jobId, deviceDir } = await returned(at);
      const text = 'ssh-rsa AAAA attacker';
      const on = (path: string) => join(deviceDir, path);
      mkdirSync(on('waybill/parity'));
      for (const path of [...homesOf('seal.bin'), 'waybill/parity/seal.bin'])
        writeFileSync(on(path), text);
      cpSync(on('waybill/seal.cms'), on('waybill/parity/seal.cms'));
      cpSync(on('waybill/label.json'), on('waybill/parity/label.json'));
      for (const dir of ['', 'copy-1/', 'copy-2/', 'parity/'])
        symlinkSync(join(canary.dir, 'secret'), on(`waybill/${dir}.tmp-seal.bin`));
      const ran = await look();
      expect(ran.exit).not.toBeNull();
      canary.check();
      expect(await jobOf(at, jobId)).toMatchObject({
        erased: false,
        state: 'in-transit-to-facility',
      });
      expect(imported(at).size).toBe(0);
      expect(readFileSync(on('waybill/seal.bin'), 'utf8')).toBe(text);
    },
    WITHIN_MS,
  );

  test(
    'gives way to the copies that verify',
    async () => {
      const { at, look, canary } = await station();
      const { jobId, deviceDir } = await returned(at);
      writeFileSync(join(deviceDir, 'waybill/seal.bin'), 'made up');
      for (const name of ['seal.bin', 'seal.cms', 'label.json'])
        symlinkSync(join(canary.dir, 'secret'), join(deviceDir, `waybill/.tmp-${name}`));
      await look();
      canary.check();
      expect(await jobOf(at, jobId)).toMatchObject({ erased: true, state: 'completed' });
      expect(imported(at)).toEqual(snapshot(at.source));
    },
    WITHIN_MS,
  );
});

test(
  'a folder that holds only a link where a label will be written is not prepared',
  async () => {
    const { at, run, look, canary } = await station();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const deviceDir = device(at, 'SB-1');
    mkdirSync(join(deviceDir, 'waybill'));
    symlinkSync(join(canary.dir, 'secret'), join(deviceDir, 'waybill/.tmp-label.json'));
    const ran = await run('prepare', jobId, '--device', deviceDir, '--simulated');
    expect(ran.said).toMatch(/not empty/);
    expect(ran.exit).toBe(4);
    await look();
    canary.check();
    expect(existsSync(join(deviceDir, 'waybill/label.json'))).toBe(false);
  },
  WITHIN_MS,
);

test(
  'folders of a volume that are links take no copy',
  async () => {
    const { at, canary } = await station();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const deviceDir = device(at, 'SB-1');
    await prepare(at.station, jobId, deviceDir);
    await actOn(at.operator, jobId, 'ship-to-site');
    await actOn(at.operator, jobId, 'deliver');
    makeTree(at.source, { seed: 5, files: 8, bytesMax: 5000 });
    const params = { jobId };
    const manifest = join(at.dir, 'manifest');
    const bytes = await at.operator.call('getManifest', { params });
    writeFileSync(manifest, new Uint8Array(await bytes.arrayBuffer()));
    const { unlockCode } = await at.operator.call('revealUnlockCode', { params });
    const copy = (place: string) => {
      rmSync(join(deviceDir, place), { recursive: true, force: true });
      symlinkSync(canary.dir, join(deviceDir, place));
      const argv = ['copy', at.source, '--device', deviceDir, '--manifest', manifest];
      const env = { WAYBILL_UNLOCK_CODE: unlockCode, WAYBILL_CONFIG: join(at.dir, 'config') };
      return agentProcess([...argv, '--state', join(at.dir, 'copy')], env);
    };
    for (const place of ['waybill/segments', 'waybill/catalog']) {
      const ran = await copy(place);
      canary.check();
      expect(ran.said).toMatch(/holds a symbolic link where a folder belongs/);
      expect(ran.exit).toBe(4);
      rmSync(join(deviceDir, place));
    }
    // The folder of a copy is made anew: the link gives way to it.
    const ran = await copy('waybill/copy-1');
    canary.check();
    expect({ exit: ran.exit, said: ran.said }).toMatchObject({ exit: 0 });
    expect(lstatSync(join(deviceDir, 'waybill/copy-1')).isDirectory()).toBe(true);
  },
  WITHIN_MS,
);

test(
  'files that claim to be huge take neither memory nor room',
  async () => {
    const { at, look, canary } = await station();
    const { jobId, deviceDir } = await returned(at);
    const grow = (path: string) => {
      mkdirSync(join(deviceDir, path, '..'), { recursive: true });
      writeFileSync(join(deviceDir, path), '', { flag: 'a' });
      truncateSync(join(deviceDir, path), 2 ** 30);
    };
    for (const name of ['seal.bin', 'seal.cms', 'label.json']) grow(`waybill/parity/${name}`);
    for (const name of ['seal.bin', 'label.json']) grow(`waybill/copy-1/${name}`);
    grow('waybill/seal.bin');
    grow('waybill/load.bin');
    grow('waybill/lock.json');
    const ran = await look();
    canary.check();
    expect(ran.rssBytes).toBeLessThan(512 * 2 ** 20);
    const used = Number(
      spawnSync('du', ['-sk', at.dir], { encoding: 'utf8' }).stdout.split('\t')[0],
    );
    expect(used).toBeLessThan(100 * 1024);
    await checkEnd(at, jobId, deviceDir);
  },
  WITHIN_MS,
);

/** Beside what the volume needs, so that most of these still arrive. */
const BESIDE = [
  'waybill/catalog/000099.cat',
  'waybill/.tmp-seal.bin',
  'waybill/.tmp-label.json',
  'waybill/catalog/.tmp-000001.cat',
  'waybill/segments/000000/000099.seg',
  'waybill/segments/000001',
  'waybill/copy-1',
  'waybill/copy-2/seal.bin',
  'waybill/parity',
  'waybill/load.bin',
  'waybill/lock.json',
];

describe.each(Object.keys(LIES))('%s', (kind) => {
  test(
    'in every place beside what a volume needs keeps nobody from its end',
    async () => {
      const { at, look, canary } = await station();
      const { jobId, deviceDir } = await returned(at);
      for (const place of BESIDE) lie(deviceDir, place, kind, canary);
      const ran = await look();
      expect(ran.exit, ran.said).not.toBeNull();
      canary.check();
      await checkEnd(at, jobId, deviceDir);
      expect(imported(at), ran.said).toEqual(snapshot(at.source));
    },
    WITHIN_MS,
  );
});

test.each(['waybill', 'waybill/segments', 'waybill/segments/000000', 'waybill/catalog'])(
  'a link in the place of %s reaches nothing of the host, and no device is erased for it',
  async (place) => {
    const { at, look, canary } = await station();
    const { jobId, deviceDir } = await returned(at);
    lie(deviceDir, place, 'a link to a folder of the host', canary);
    const ran = await look();
    expect(ran.exit, ran.said).not.toBeNull();
    canary.check();
    expect((await jobOf(at, jobId)).erased).toBe(false);
    expect(imported(at).size).toBe(0);
  },
  WITHIN_MS,
);
