import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandHost, type Host, runProgram } from '../../lib/testing/command-host.ts';
import { actOn, device, facility } from '../../lib/testing/facility-world.ts';
import { prepare } from '../station/prepare.ts';

const HANDLER = `export const handler = async (event, { s3 }) =>
  s3.putObject({ Key: event.Records[0].s3.object.key + '.seen', Body: 'seen' });`;

/** A plan on disk that names the file of its code, as people write it. */
function planIn(dir: string): string {
  mkdirSync(join(dir, 'plan'));
  writeFileSync(join(dir, 'plan/seen.mjs'), HANDLER);
  const steps = [
    { step: 'filter', exclude: ['**/*.tmp'] },
    { step: 'function', file: 'seen.mjs' },
  ];
  writeFileSync(join(dir, 'plan/steps.json'), JSON.stringify({ originals: 'keep', steps }));
  return join(dir, 'plan/steps.json');
}

async function created({ run }: Host, option: string): Promise<string> {
  const { last } = await run(
    'operator',
    ...['job', 'create', '--name', 'edge', '--option', option, '--type', 'import'],
    ...['--size', '50TB', '--store', 'embedded', '--bucket', 'default', '--json'],
  );
  return (last.job as { id: string }).id;
}

test('steps that a job was given after its creation are signed into its manifest, and run', async () => {
  const h = await commandHost();
  const at = await facility(h.world);
  const jobId = await created(h, 'snowball-edge');
  const change = (...more: string[]) =>
    h.run('operator', 'job', 'change', jobId, ...more, '--json');
  const plan = planIn(h.dir);
  const stepsOf = ({ last }: Awaited<ReturnType<typeof change>>) =>
    (last.job as { processing: { steps: { step: string }[] } | null }).processing?.steps;
  const steps = [{ step: 'filter' }, { step: 'function', code: HANDLER, memoryMB: 256 }];
  expect(stepsOf(await change('--processing', plan))).toMatchObject(steps);
  expect(stepsOf(await change('--processing', ''))).toBeUndefined();
  expect(stepsOf(await change('--processing', plan))).toMatchObject(steps);
  // What is changed besides leaves them alone.
  expect(stepsOf(await change('--name', 'another name'))).toMatchObject(steps);
  const shown = await h.run('operator', 'job', 'show', jobId);
  expect(shown.out).toContain('1. filter: exclude=["**/*.tmp"]\n');

  const deviceDir = device(at, 'EDGE-1');
  await prepare(at.station, jobId, deviceDir);
  expect((await change('--processing', '')).last).toMatchObject({ code: 'JobNotChangeable' });
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  const [manifest, code] = [join(h.dir, 'job.manifest'), join(h.dir, 'code')];
  await h.run('operator', 'job', 'manifest', jobId, '--output', manifest);
  await h.run('operator', 'job', 'unlock-code', jobId, '--output', code);
  for (const name of ['a', 'b.tmp']) writeFileSync(join(at.source, name), name);
  const copy = [
    ...['copy', at.source, '--device', deviceDir, '--manifest', manifest],
    ...['--unlock-code-file', code, '--state', join(h.dir, 'state'), '--workers', '0', '--json'],
  ];
  expect((await runProgram(copy)).last).toMatchObject({ code: 'ProcessingNotAllowed' });
  expect((await runProgram([...copy, '--allow-processing'])).last).toMatchObject({
    type: 'result',
    objects: 2,
    processing: {
      steps: [
        { objectsIn: 2, objectsOut: 1 },
        { objectsIn: 1, objectsOut: 1 },
      ],
    },
  });
});

test('other options refuse steps, and the old ones stay when new ones are refused', async () => {
  const h = await commandHost();
  const plan = planIn(h.dir);
  const snowball = await created(h, 'snowball');
  const change = (jobId: string, file: string) =>
    h.run('operator', 'job', 'change', jobId, '--processing', file, '--json');
  expect((await change(snowball, plan)).last).toMatchObject({ code: 'ProcessingNotOffered' });
  const edge = await created(h, 'snowball-edge');
  await change(edge, plan);
  const wrong = join(h.dir, 'wrong.json');
  writeFileSync(wrong, JSON.stringify({ steps: [{ step: 'gzip', level: 10 }] }));
  expect((await change(edge, wrong)).last).toMatchObject({ code: 'ProcessingInvalid', exit: 2 });
  const { last } = await h.run('operator', 'job', 'show', edge, '--json');
  expect(JSON.stringify(last.job)).toContain(
    JSON.stringify(readFileSync(join(h.dir, 'plan/seen.mjs'), 'utf8')),
  );
});
