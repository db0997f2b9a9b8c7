import { expect, test } from 'vitest';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  actOn,
  copyAtSite,
  device,
  type Facility,
  facility,
  imported,
} from '../../lib/testing/facility-world.ts';
import { makeTree } from '../../lib/testing/trees.ts';
import { jobLines } from '../output/job-lines.ts';
import { importFrom } from './import.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { watch } from './watch.ts';

/** A device that is back at the facility, and left the site with a tamper seal that nobody has compared. */
async function sealedCase(at: Facility) {
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  const params = { jobId };
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  makeTree(at.source, { seed: 7, files: 3, bytesMax: 500 });
  await copyAtSite(at, jobId, deviceDir);
  const shipment = { carrier: 'C', sealNumbers: ['0017'] };
  await at.operator.call('actOnJob', { params, body: { action: 'ship-to-facility', shipment } });
  await receive(at.station, jobId, deviceDir);
  const job = () => at.operator.call('getJob', { params });
  return { jobId, params, deviceDir, job, turn: () => watch(at.station, at.dock, { once: true }) };
}

test('a watching station is not held up by a number that nobody compared, and the custody log names it', async () => {
  const at = await facility();
  const { params, job, turn } = await sealedCase(at);
  const lines = jobLines(await job()).join('\n');
  expect(lines).toContain('Enter the tamper seal numbers found on arrival (The facility)');
  expect(lines).toContain(`waybill job seals ${params.jobId} --seal NUMBER`);
  await turn();
  expect(await job()).toMatchObject({ state: 'completed', outcome: 'succeeded' });
  const { entries } = await at.operator.call('jobCustody', { params });
  expect(entries.find(({ detail }) => detail.action === 'start-import')?.detail).toMatchObject({
    sealsNotCompared: ['0017'],
  });
});

test('by hand an import asks for a word first', async () => {
  const at = await facility();
  const { jobId, deviceDir, job } = await sealedCase(at);
  await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
    code: 'PreconditionFailed',
    next: expect.stringContaining('--without-seals'),
  });
  expect(await job()).toMatchObject({ state: 'at-facility', incidents: [] });
  const done = await importFrom(at.station, jobId, deviceDir, { withoutSeals: true });
  expect(done.job.state).toBe('completed');
});

test('where they are required a station waits, says for what, and goes on once they are compared', async () => {
  const at = await facility();
  const { jobId, params, job } = await sealedCase(at);
  await at.operator.call('changeSealSettings', { body: { required: true } });
  const notes: string[] = [];
  const output = { ...at.station.output, note: (text: string) => notes.push(text) };
  const turn = () => watch({ ...at.station, output }, at.dock, { once: true });
  await turn();
  expect(notes.join('\n')).toContain(
    `(0017) have to be compared first: waybill job seals ${jobId}`,
  );
  expect((await job()).state).toBe('at-facility');
  await at.operator.call('enterSeals', { params, body: { sealNumbers: ['0017'] } });
  await turn();
  expect((await job()).state).toBe('completed');
});

test('a number that differs keeps the device aside from every import, by hand and by API, until it is resolved', async () => {
  const at = await facility();
  const { jobId, params, deviceDir, job, turn } = await sealedCase(at);
  await at.operator.call('enterSeals', { params, body: { sealNumbers: ['9999'] } });
  expect(await job()).toMatchObject({ device: { state: 'quarantined' } });
  expect(jobLines(await job()).join('\n')).toContain(
    'See to the open incident: Tamper seal number differs (The facility)',
  );
  const refusal = {
    code: 'PreconditionFailed',
    message: expect.stringContaining('Tamper seal number differs'),
    next: expect.stringContaining('waybill job resolve'),
  };
  for (const options of [{}, { withoutSeals: true }, { onlyFailed: true }])
    await expect(importFrom(at.station, jobId, deviceDir, options)).rejects.toMatchObject(refusal);
  const { client } = at.station;
  const claim = client.call('claimWork', { params, body: { work: 'import' } });
  await expect(claim).rejects.toMatchObject(refusal);
  const body = { action: 'start-import' as const, withoutSealComparison: true };
  const begun = client.call('actOnJob', { params, body });
  await expect(begun).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await turn();
  expect((await job()).state).toBe('at-facility');
  expect(imported(at).size).toBe(0);
  await at.operator.call('resolveIncident', { params, body: { note: 'the case is whole' } });
  await importFrom(at.station, jobId, deviceDir);
  expect((await job()).state).toBe('completed');
});
