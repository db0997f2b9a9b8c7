import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { actOn, copyAtSite, device, facility, imported } from '../../lib/testing/facility-world.ts';
import { canMount, mountedFolder } from '../../lib/testing/small-disk.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { type FsCall, withFaults } from '../../lib/testing/torture/fault-fs.ts';
import { importFrom } from './import.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';

/** A station whose store is a directory on a network file system, which goes away or cannot be written. */

const NAMES = Array.from({ length: 30 }, (_, i) => `object-${i + 10}`);

/** A device that came back to a station, whose bucket is mounted. */
async function returned() {
  const at = await facility();
  const disk = mountedFolder(tempDir(), at.bucketDir);
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  for (const name of NAMES) writeFileSync(join(at.source, name), `bytes of ${name}`);
  await copyAtSite(at, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-facility');
  await receive(at.station, jobId, deviceDir);
  const job = () => at.operator.call('getJob', { params: { jobId } });
  const openNotes = async () =>
    (await job()).incidents.filter(({ resolvedAt }) => !resolvedAt).map(({ note }) => note);
  return { at, disk, jobId, deviceDir, job, openNotes };
}

const DISTURBANCES = [
  {
    what: 'is not mounted',
    disturb: (disk: ReturnType<typeof mountedFolder>) => disk.unmount(),
    mend: (disk: ReturnType<typeof mountedFolder>) => disk.mount(),
    says: /not the bucket.*\.waybill-store.*mount the store/,
  },
  {
    what: 'is read-only',
    disturb: (disk: ReturnType<typeof mountedFolder>) => disk.remount('ro'),
    mend: (disk: ReturnType<typeof mountedFolder>) => disk.remount('rw'),
    says: /read-only \(EROFS\).*lets it be written again/,
  },
];

describe.skipIf(!canMount).each(DISTURBANCES)('a store that $what', ({ disturb, mend, says }) => {
  test('is waited for from the start, by a station that knows nothing of it, too', async () => {
    const { at, disk, jobId, deviceDir, job, openNotes } = await returned();
    disturb(disk);
    const notes: string[][] = [];
    at.station.wait = async () => {
      notes.push(await openNotes());
      expect(await job()).toMatchObject({ state: 'importing', reported: false });
      if (notes.length === 12) mend(disk);
    };
    const state = join(at.dir, 'another-station');
    const { job: done } = await importFrom({ ...at.station, state }, jobId, deviceDir);
    expect(notes).toHaveLength(12);
    expect(notes.flat().every((note) => says.test(note))).toBe(true);
    expect(notes.every(({ length }) => length === 1)).toBe(true);
    expect(done).toMatchObject({ state: 'completed', outcome: 'succeeded' });
    expect(await openNotes()).toEqual([]);
    expect([...imported(at).keys()]).toEqual(NAMES);
    disk.unmount();
    expect(readdirSync(at.bucketDir)).toEqual([]);
  });

  test('is waited for when that happens on the way', async () => {
    const { at, disk, jobId, deviceDir, openNotes } = await returned();
    let renames = 0;
    let waits = 0;
    at.station.wait = async () => {
      waits += 1;
      expect(await openNotes()).toEqual([expect.stringMatching(says)]);
      if (waits === 3) mend(disk);
    };
    // Every object of the page is complete and gets its name.
    const before = ({ name }: FsCall) => {
      if (name === 'rename') renames += 1;
      if (name === 'rename' && renames === 5) disturb(disk);
      return undefined;
    };
    const { job: done } = await withFaults([at.bucketDir], { before }, () =>
      importFrom(at.station, jobId, deviceDir),
    );
    expect(waits).toBe(3);
    expect(done).toMatchObject({ state: 'completed', outcome: 'succeeded' });
    disk.unmount();
    expect(readdirSync(at.bucketDir)).toEqual([]);
  });
});

describe('a bucket that is another one', () => {
  test('is taken for the job once somebody says that it was replaced on purpose', async () => {
    const at = await facility();
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    await prepare(at.station, jobId, device(at, 'SB-1'));
    rmSync(at.bucketDir, { recursive: true });
    mkdirSync(at.bucketDir);
    const { id: next } = await at.operator.call('createJob', {
      body: newJobBody({ skipStoreCheck: true }),
    });
    const refused = { code: 'StoreOutOfReach' };
    // Nobody but the station can try the store: its hint is that of the refusal.
    const elsewhere = {
      code: 'StoreRefuses',
      next: expect.stringContaining('mount the store at its root on this host'),
    };
    await expect(at.operator.call('createJob', { body: newJobBody() })).rejects.toMatchObject(
      refused,
    );
    const deviceDir = device(at, 'SB-2');
    await expect(prepare(at.station, next, deviceDir)).rejects.toMatchObject(elsewhere);
    expect(readdirSync(at.bucketDir)).toEqual([]);
    const params = { storeId: 'embedded' };
    const made = at.operator.call('makeBucket', { params, body: { bucket: 'another' } });
    await expect(made).rejects.toMatchObject({ code: 'StoreRefuses' });
    const { stores } = await at.operator.call('listStores');
    const store = stores.find(({ kind }) => kind === 'directory');
    expect(Object.keys(store?.markers ?? {})).toEqual(['default']);
    await at.operator.call('changeStore', { params, body: { root: store?.root } });
    await expect(prepare(at.station, next, deviceDir)).rejects.toMatchObject(elsewhere);
    await at.operator.call('changeStore', { params, body: { forgetMarkers: true } });
    const { state } = await prepare(at.station, next, deviceDir);
    expect(state).toBe('ready-to-ship');
    expect(readdirSync(at.bucketDir)).toEqual(['.waybill-store']);
  });
});
