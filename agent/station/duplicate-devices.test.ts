import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  device,
  type Facility,
  facility,
  imported,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import { snapshot } from '../../lib/testing/trees.ts';
import { watch } from './watch.ts';

/** An import that arrives as two devices with one id: a whole clone of each other. */
async function twoOfOne(at: Facility) {
  const { jobId, params, deviceDir } = await importOnItsWay(at, {
    fill: { seed: 5, files: 8, bytesMax: 5000 },
  });
  const twin = join(at.dock, 'SB-twin');
  cpSync(deviceDir, twin, { recursive: true });
  return { jobId, params, deviceDir, twin };
}

const openOf = async (at: Facility, jobId: string) => {
  const { incidents } = await at.operator.call('getJob', { params: { jobId } });
  return incidents.filter(({ resolvedAt }) => resolvedAt === null).map(({ kind }) => kind);
};

describe('two devices with one id', () => {
  test('are left alone until somebody took the wrong one away', async () => {
    const at = await facility();
    const { jobId, params, deviceDir, twin } = await twoOfOne(at);
    const before = [snapshot(deviceDir), snapshot(twin)];
    for (let turn = 0; turn < 2; turn += 1) await watch(at.station, at.dock, { once: true });
    expect(await openOf(at, jobId)).toEqual(['duplicate-device']);
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'in-transit-to-facility',
      device: { state: 'quarantined' },
    });
    expect([snapshot(deviceDir), snapshot(twin)]).toEqual(before);
    // Resolving it while both are still there helps nobody.
    const resolve = () =>
      at.operator.call('resolveIncident', { params, body: { note: 'looked at them' } });
    await resolve();
    await watch(at.station, at.dock, { once: true });
    expect(await openOf(at, jobId)).toEqual(['duplicate-device']);
    rmSync(twin, { recursive: true });
    await resolve();
    await watch(at.station, at.dock, { once: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'completed',
      outcome: 'succeeded',
      erased: true,
    });
    expect(imported(at)).toEqual(snapshot(at.source));
  });

  test('hold up no other device', async () => {
    const at = await facility();
    await twoOfOne(at);
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    const params = { jobId };
    await at.operator.call('actOnJob', { params, body: { action: 'prepare' } });
    device(at, 'Z-blank');
    await watch(at.station, at.dock, { once: true });
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'ready-to-ship',
      deviceId: 'Z-blank',
    });
  });
});
