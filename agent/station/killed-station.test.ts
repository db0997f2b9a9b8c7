import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { TB } from '../../lib/domain/sizes.ts';
import type { JobType, Option } from '../../lib/domain/words.ts';
import { leases } from '../../lib/server/db/schema/leases.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  actOn,
  copyAtSite,
  type Facility,
  facility,
  tellRestored,
} from '../../lib/testing/facility-world.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { Killed } from '../../lib/testing/torture/kill/kill.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { watch } from './watch.ts';

/** Each test lives through some forty jobs. */
const WITHIN_MS = 600_000;
/** More turns than any life of a job takes. */
const TURNS = 20;

/** The client of a process that is killed at its n-th call: before the console hears of it, or before it has the answer. */
function dyingClient(client: Client, n: number, isHeard: boolean) {
  const dying = {
    calls: 0,
    call: (async (...args: Parameters<Client['call']>) => {
      dying.calls += 1;
      if (dying.calls < n) return client.call(...args);
      if (dying.calls === n && isHeard) await client.call(...args);
      throw new Killed();
    }) as Client['call'],
  };
  return dying;
}

/** One job with a device of its own, from its creation to its end. */
async function begin(at: Facility, about: { option: Option; type: JobType }, name: string) {
  const { option, type } = about;
  const isDisk = option === 'disk';
  const prefix = type === 'import' ? `${name}/` : 'archive/';
  const body = newJobBody({ ...about, name, prefix, ...(isDisk && { sizeBytes: TB }) });
  const { id: jobId, deviceId } = await at.operator.call('createJob', { body });
  const dock = tempDir();
  // A station knows an empty device by the name of its folder.
  const deviceDir = join(dock, deviceId ?? name);
  mkdirSync(deviceDir);
  return { jobId, dock, deviceDir, prefix };
}
type Journey = Awaited<ReturnType<typeof begin>>;

const isOver = (job: JobDetail): boolean =>
  job.state === 'completed' && (job.option === 'disk' || job.erased);

/** What people do with a job in its state. */
async function people(at: Facility, { jobId, deviceDir }: Journey, job: JobDetail): Promise<void> {
  const { operator } = at;
  const act = (action: Parameters<typeof actOn>[2]) => actOn(operator, jobId, action);
  const fill = () => job.type === 'import' && copyAtSite(at, jobId, deviceDir);
  if (job.state === 'created' && job.option === 'disk') {
    await fill();
    await act('ship-to-facility');
  } else if (job.state === 'created')
    await operator.call('actOnJob', { params: { jobId }, body: { action: 'prepare' } });
  else if (job.state === 'ready-to-ship') await act('ship-to-site');
  else if (job.state === 'in-transit-to-site') await act('deliver');
  else if (job.state === 'at-site' && job.option !== 'disk') {
    await fill();
    if (job.type === 'export') await tellRestored(at, jobId);
    await act('ship-to-facility');
  } else if (job.state === 'returning' && job.type === 'export') await act('deliver');
  else if (job.state === 'returning' || job.state === 'at-site') await act('complete');
  else if (job.option === 'disk') await act('return');
}

/** Carries a job through its life; the station is killed at its n-th call, and another one goes on. */
async function carry(
  at: Facility,
  journey: Journey,
  dying: ReturnType<typeof dyingClient>,
  n: number,
) {
  const { jobId, dock } = journey;
  const params = { jobId };
  for (let turn = 0; turn < TURNS; turn += 1) {
    const client = dying.calls < n ? dying : at.station.client;
    await watch({ ...at.station, client }, dock, { once: true });
    // A minute passes.
    if (client === dying && dying.calls >= n)
      await at.world.console.db.transaction((tx) => tx.delete(leases));
    const job = await at.operator.call('getJob', { params });
    if (isOver(job)) return job;
    if (dying.calls < n || client !== dying) await people(at, journey, job);
  }
  return at.operator.call('getJob', { params });
}

describe('a station that is killed at any of its calls', { timeout: WITHIN_MS }, () => {
  test.each([
    { option: 'snowball', type: 'import' },
    { option: 'snowball', type: 'export' },
    { option: 'disk', type: 'import' },
    { option: 'disk', type: 'export' },
  ] as const)('leaves nothing undone of a $option $type', async (about) => {
    const at = await facility();
    makeTree(at.source, { seed: 12, files: 4, bytesMax: 3000 });
    makeTree(join(at.bucketDir, 'archive'), { seed: 13, files: 4, bytesMax: 3000 });
    for (let n = 1, wasKilled = true; wasKilled; n += 1) {
      const dying = dyingClient(at.station.client, n, n % 2 === 0);
      const journey = await begin(at, about, `${about.option}-${n}`);
      const job = await carry(at, journey, dying, n);
      wasKilled = dying.calls >= n;
      expect({ n, ...job }).toMatchObject({
        n,
        state: 'completed',
        outcome: 'succeeded',
        reported: true,
        incidents: [],
        erased: about.option !== 'disk',
      });
      const { jobId, deviceDir, prefix } = journey;
      for (const file of ['summary.json', 'success.csv', 'failure.csv'] as const)
        expect((await at.operator.call('getReport', { params: { jobId, file } })).ok).toBe(true);
      if (about.type === 'import')
        expect(snapshot(join(at.bucketDir, prefix))).toEqual(snapshot(at.source));
      if (about.option === 'disk')
        expect(existsSync(join(deviceDir, 'waybill/seal.cms'))).toBe(true);
      else expect(readdirSync(deviceDir)).toEqual([]);
    }
    expect(await at.operator.call('verifyCustody')).toMatchObject({ brokenAt: null });
  });
});
