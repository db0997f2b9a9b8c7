import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { REPORT_FILES } from '../../lib/domain/report.ts';
import { jobs } from '../../lib/server/db/schema/jobs.ts';
import {
  actOn,
  copyAtSite,
  type Facility,
  facility,
  importAtSite,
  imported,
  importOnItsWay,
  reopenAtSite,
} from '../../lib/testing/facility-world.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { readLabel } from '../../lib/volume/label.ts';
import { receiptOf } from '../work/seal-volume.ts';
import { importFrom } from './import.ts';
import { receive } from './receive.ts';
import { watch } from './watch.ts';

/**
 * A device that was sealed, cloned, reopened, filled further and sealed again; the clone comes back in its place. The clock of
 * the site may go ahead of others until it is set back before the second seal.
 */
async function oldStateBack(at: Facility, aheadMs = 0) {
  const fill = () => {
    makeTree(at.source, { seed: 5, files: 12, bytesMax: 5000 });
    if (aheadMs > 0) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + aheadMs });
  };
  const { jobId, params, deviceDir } = await importAtSite(at, { fill });
  const clone = join(tempDir(), 'clone');
  cpSync(deviceDir, clone, { recursive: true });
  vi.useRealTimers();
  await reopenAtSite(at, jobId, deviceDir);
  makeTree(at.source, { seed: 6, files: 3, bytesMax: 5000 });
  await copyAtSite(at, jobId, deviceDir);
  const newer = join(tempDir(), 'newer');
  cpSync(deviceDir, newer, { recursive: true });
  rmSync(deviceDir, { recursive: true });
  cpSync(clone, deviceDir, { recursive: true });
  await actOn(at.operator, jobId, 'ship-to-facility');
  return { jobId, params, deviceDir, newer };
}

const kindsOf = async (at: Facility, jobId: string) => {
  const { incidents } = await at.operator.call('getJob', { params: { jobId } });
  return incidents.filter(({ resolvedAt }) => resolvedAt === null).map(({ kind }) => kind);
};

describe('an earlier state of a device that comes back', () => {
  test.each([0, 3_600_000])(
    'is not imported and not erased by a watching station; the newer one still is; clock ahead by %i ms',
    async (aheadMs) => {
      onTestFinished(() => void vi.useRealTimers());
      const at = await facility();
      const { jobId, params, deviceDir, newer } = await oldStateBack(at, aheadMs);
      const before = snapshot(deviceDir);
      for (let turn = 0; turn < 2; turn += 1) await watch(at.station, at.dock, { once: true });
      expect(await kindsOf(at, jobId)).toEqual(['seal-superseded']);
      expect(imported(at).size).toBe(0);
      expect(snapshot(deviceDir)).toEqual(before);
      const job = await at.operator.call('getJob', { params });
      expect(job).toMatchObject({ erased: false, reported: false });
      expect(job.device).toMatchObject({ state: 'quarantined' });
      rmSync(deviceDir, { recursive: true });
      cpSync(newer, deviceDir, { recursive: true });
      await at.operator.call('resolveIncident', { params, body: { note: 'the right one' } });
      for (let turn = 0; turn < 2; turn += 1) await watch(at.station, at.dock, { once: true });
      expect(await at.operator.call('getJob', { params })).toMatchObject({
        state: 'completed',
        outcome: 'succeeded',
        erased: true,
      });
      expect(imported(at)).toEqual(snapshot(at.source));
    },
  );

  test.each(['object', 'device'] as const)(
    'is refused by an import by hand, archive %s',
    async (archive) => {
      const at = await facility();
      const { jobId, deviceDir } = await oldStateBack(at);
      await actOn(at.operator, jobId, 'arrive-at-sorting');
      await actOn(at.operator, jobId, 'receive');
      await expect(importFrom(at.station, jobId, deviceDir, { archive })).rejects.toMatchObject({
        code: 'SealSuperseded',
      });
      expect(existsSync(join(at.bucketDir, `waybill-reports/${jobId}`))).toBe(false);
      expect(imported(at).size).toBe(0);
      expect(await kindsOf(at, jobId)).toEqual(['seal-superseded']);
    },
  );

  test('is refused by the console, too, whatever a station reports of it', async () => {
    const at = await facility();
    const { jobId, params } = await oldStateBack(at);
    const job = await at.operator.call('getJob', { params });
    for (const action of ['arrive-at-sorting', 'receive', 'start-import'] as const)
      await at.station.client.call('actOnJob', { params, body: { action } });
    const time = new Date().toISOString();
    const summary = {
      format: 'waybill-report/1',
      jobId,
      deviceId: job.deviceId,
      volumeId: job.volumeId,
      outcome: 'succeeded',
      objects: 1,
      bytes: 1,
      alreadyPresent: 0,
      skipped: 0,
      failed: 0,
      destination: 'x',
      sealDigest: '0'.repeat(64),
      startedAt: time,
      finishedAt: time,
      agentVersion: 'test',
    };
    const body = (file: string) => (file === 'summary.json' ? JSON.stringify(summary) : 'key\r\n');
    const inOrder = [...REPORT_FILES].sort((a) => (a === 'summary.json' ? 1 : -1));
    const sends = inOrder.map(
      (file) => () =>
        at.station.client.call('putReport', { params: { jobId, file }, body: body(file) }),
    );
    const last = sends.pop();
    for (const send of sends) await send();
    await expect(last?.()).rejects.toMatchObject({ code: 'SealSuperseded' });
    expect(await kindsOf(at, jobId)).toEqual(['seal-superseded']);
    expect((await at.operator.call('getJob', { params })).reported).toBe(false);
  });
});

test('a device whose seal the console does not know is imported once its receipt is handed in', async () => {
  const at = await facility();
  const { jobId, params, deviceDir } = await importOnItsWay(at, {
    fill: { seed: 7, files: 4, bytesMax: 5000 },
  });
  const { seal } = await at.operator.call('getJob', { params });
  const { signer } = await at.station.client.call('stationCredentials', { params });
  if (!seal) throw new TypeError('no seal');
  // As an installation may have it that was restored from a backup.
  await at.world.console.db.transaction((tx) =>
    tx.update(jobs).set({ seal: null }).where(eq(jobs.id, jobId)),
  );
  await expect(receive(at.station, jobId, deviceDir)).rejects.toMatchObject({
    code: 'SealUnknown',
    next: expect.stringContaining(`waybill job receipt ${jobId}`),
  });
  const body = new Uint8Array(receiptOf(readLabel(deviceDir), seal, signer));
  await at.operator.call('putSealReceipt', { params, body });
  await receive(at.station, jobId, deviceDir);
  const { job } = await importFrom(at.station, jobId, deviceDir);
  expect(job).toMatchObject({ state: 'completed', outcome: 'succeeded' });
});
