import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../api/client.ts';
import type { JobDetail } from '../../api/schemas/job-schemas.ts';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import type { Action } from '../../domain/lifecycle.ts';
import { OPTION_RULES } from '../../domain/options.ts';
import type { ProcessingPlan } from '../../domain/processing.ts';
import { stepRule } from '../../domain/processing-steps.ts';
import type { JobState } from '../../domain/words.ts';
import { stepDigest } from '../../processing/compiled-plan.ts';
import type { TransferEvent } from '../../transfer/progress/progress.ts';
import { PROVENANCE_FILE } from '../../transfer/report/provenance.ts';
import type { ConsoleProcess } from '../console/console-process.ts';
import { runAgent } from './agent-process.ts';
import { compareProcessed } from './compare-processed.ts';
import { type Comparison, compareTrees } from './compare-trees.ts';
import { fillBucket } from './fill-bucket.ts';
import type { DemoOptions } from './options.ts';
import { type DemoPerson, signUp } from './sign-up.ts';

/** One step of the story: what is said, and what is done. A step that needs nothing said about it returns nothing. */
export interface Step {
  phase: string;
  title: string;
  run: (world: World) => Promise<string | undefined>;
}

/** Everything the story works with: the console, the two places, the job. */
export interface World {
  options: DemoOptions;
  context: ConsoleProcess;
  client: Client;
  person: DemoPerson;
  onEvent: (event: TransferEvent) => void;
  job: JobDetail | undefined;
  bucket: string;
  /** Where the device is now. */
  device: string;
  manifest: string;
  unlockCodeFile: string;
  /** What the host's owner allows to run; a job without processing steps needs none. */
  policy: string;
  /** Where an export's objects are written at the site. */
  restored: string;
  report: string | undefined;
  /** The command of the station that was interrupted, where the story stops during it. */
  interrupted: string[] | undefined;
  objects: number;
  bytes: number;
  skipped: number;
  failed: number;
  comparison: Comparison | undefined;
  /** Objects that steps made, found as they have to be and with their line of provenance. */
  made: number;
  /** The report's file that says what was made of what. */
  provenance: string | undefined;
}

const DEVICE = 'DEMO-0001';
const places = (dataDir: string) => ({
  site: join(dataDir, 'site'),
  dock: join(dataDir, 'facility'),
});

export async function openWorld(
  options: DemoOptions,
  context: ConsoleProcess,
  onEvent: World['onEvent'],
): Promise<World> {
  const { dataDir } = options;
  const person = await signUp(context, dataDir);
  const { site, dock } = places(dataDir);
  for (const dir of [site, dock]) mkdirSync(dir, { recursive: true });
  const client = createClient({ baseUrl: context.url, token: person.token });
  const run = String(Date.now());
  const ownDisk = !OPTION_RULES[options.option].deviceShipsFirst;
  return {
    options,
    context,
    client,
    person,
    onEvent,
    job: undefined,
    bucket: `demo-${run}`,
    device: join(ownDisk ? site : dock, `${DEVICE}-${run}`),
    manifest: join(site, `${run}.manifest`),
    unlockCodeFile: join(site, `${run}.code`),
    policy: join(site, `${run}.policy.json`),
    restored: join(site, `restored-${run}`),
    report: undefined,
    objects: 0,
    bytes: 0,
    skipped: 0,
    failed: 0,
    comparison: undefined,
    made: 0,
    provenance: undefined,
    interrupted: undefined,
  };
}

/** The job of the story. */
export function theJob({ job }: World): JobDetail {
  if (!job) throw new RangeError('the story has no job yet');
  return job;
}

/** Where the objects of the story's bucket are: files of the embedded store. */
export const bucketDir = ({ options, bucket }: World): string =>
  join(options.dataDir, 'store', bucket);

export async function makeJob(world: World): Promise<string> {
  const { client, options, bucket } = world;
  const { option, type, sizeBytes, encrypted, source, plan } = options;
  if (type === 'export') await fillBucket(source, join(options.dataDir, 'store'), bucket);
  else await client.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket } });
  const name = `Demo: ${type} of ${source}`.slice(0, 100);
  const body = { name, option, type, sizeBytes, encrypted, storeId: 'embedded', bucket };
  const steps = plan && { processing: plan };
  world.job = await client.call('createJob', { body: { ...body, ...steps } });
  mkdirSync(world.device);
  return world.job.id;
}

/** Does an action as a person with a token. */
export function acting(action: Action): Step['run'] {
  const ships = /ship|return/.test(action);
  const shipment = ships ? { shipment: { carrier: 'Demo carrier', trackingNumber: 'DEMO-1' } } : {};
  return async (world) => {
    const params = { jobId: theJob(world).id };
    world.job = await world.client.call('actOnJob', { params, body: { action, ...shipment } });
    return undefined;
  };
}

/** The device travels: to the other place. */
export function travelling(action: Action, to: 'site' | 'dock'): Step['run'] {
  return async (world) => {
    await acting(action)(world);
    const { options, device } = world;
    const there = join(places(options.dataDir)[to], device.split('/').at(-1) ?? '');
    renameSync(device, there);
    world.device = there;
    return there;
  };
}

/** Manifest and unlock code, as files that are their owner's alone. */
export async function fetchCredentials(world: World): Promise<string> {
  const { client } = world;
  const params = { jobId: theJob(world).id };
  const manifest = await client.call('getManifest', { params });
  writeFileSync(world.manifest, Buffer.from(await manifest.arrayBuffer()), { mode: 0o600 });
  const { unlockCode } = await client.call('revealUnlockCode', { params });
  writeFileSync(world.unlockCodeFile, `${unlockCode}\n`, { mode: 0o600 });
  return world.manifest;
}

/** The host's owner sees that nothing runs without consent, then allows the steps and this very code. */
export async function consent(world: World): Promise<string> {
  const { options, policy } = world;
  const { plan } = options;
  if (!plan) return '';
  await refusal(world);
  const functions = plan.steps.filter(({ step }) => stepRule(step).runsCode);
  const allowed = {
    steps: [...new Set(plan.steps.map(({ step }) => step))].filter(
      (step) => !stepRule(step).runsCode,
    ),
    functions: functions.map((step) => ({
      sha256: stepDigest(step),
      network: step.network === true,
    })),
  };
  writeFileSync(policy, `${JSON.stringify(allowed, null, 2)}\n`);
  return `a copy without it was refused; ${policy}`;
}

/** Throws Internal when a copy without consent is not refused. */
async function refusal(world: World): Promise<void> {
  const copied = runAgent(siteCommand(world, { allowed: false }), siteEnv(world));
  const error = await copied.then(
    () => new WaybillError('Internal', { reference: 'it ran what nobody allowed' }),
    (thrown: unknown) => thrown,
  );
  if (!isWaybillError(error, 'ProcessingNotAllowed')) throw error;
}

const siteArgs = ({ device, manifest, unlockCodeFile }: World): string[] => [
  ...['--device', device, '--manifest', manifest, '--unlock-code-file', unlockCodeFile],
];

/** The line that a person at the site types. */
export function siteCommand(world: World, { allowed } = { allowed: true }): string[] {
  const { options, restored, policy } = world;
  if (options.type === 'export') return ['restore', restored, ...siteArgs(world)];
  const consent = options.plan && allowed ? ['--policy', policy] : [];
  return ['copy', options.source, ...siteArgs(world), '--device-is-a-directory', ...consent];
}

const siteEnv = ({ options, onEvent }: World) => ({
  env: { WAYBILL_STATE: join(options.dataDir, 'site-state') },
  onEvent,
});

export async function atSite(world: World): Promise<string> {
  const { options, client } = world;
  const result = await runAgent(siteCommand(world), siteEnv(world));
  note(world, result);
  world.job = await client.call('getJob', { params: { jobId: theJob(world).id } });
  if (options.type === 'export')
    world.report = (result.files as Record<string, string>)['summary.json'];
  return `${world.objects} objects, ${world.bytes} bytes`;
}

/**
 * A command of the facility's station, as a process of its own. Where the story is to stop `during` it, the station
 * is interrupted once it is at work.
 */
export function atStation(
  words: string[],
  { more = [], during }: { more?: string[]; during?: JobState } = {},
): Step['run'] {
  return async (world) => {
    const { options, context, device, onEvent, client } = world;
    const { id: jobId } = theJob(world);
    const filled = [...words, ...more].map((word) => (word === 'JOB' ? jobId : word));
    const simulated = ['prepare', 'export'].includes(words[0] ?? '') ? ['--simulated'] : [];
    const how = ['--device', device, ...simulated, '--console', context.url];
    const token = ['--token-file', join(options.dataDir, 'station.token')];
    const env = { WAYBILL_STATE: join(options.dataDir, 'station-state') };
    const interrupt = during !== undefined && options.until === during;
    const command = ['station', ...filled, ...how, ...token];
    const result = await runAgent(command, { env, onEvent, interrupt });
    if (interrupt) world.interrupted = command;
    if ('objects' in result) note(world, result);
    if ('files' in result && typeof result.files === 'object')
      world.report = (result.files as Record<string, string>)['summary.json'];
    world.job = await client.call('getJob', { params: { jobId } });
    return undefined;
  };
}

function note(world: World, result: Record<string, unknown>): void {
  world.objects = Number(result.objects ?? 0);
  world.bytes = Number(result.bytes ?? 0);
  world.failed = Number(result.failed ?? 0);
  if ('skipped' in result) world.skipped = Number(result.skipped);
}

/** Where the objects ended. */
export const destinationOf = (world: World): string =>
  world.options.type === 'import' ? bucketDir(world) : world.restored;

/** Compares every object with its source; the report that lies beside an import's objects is left out. */
export async function compare(world: World): Promise<string> {
  const { options } = world;
  const report = `waybill-reports/${theJob(world).id}/`;
  const places = [options.source, destinationOf(world), report] as const;
  const comparison = options.plan
    ? await compareMade(world, options.plan, places)
    : compareTrees(...places);
  world.comparison = comparison;
  return `${comparison.same} the same, ${comparison.mismatchCount} not`;
}

async function compareMade(
  world: World,
  plan: ProcessingPlan,
  [source, destination, except]: readonly [string, string, string],
): Promise<Comparison> {
  const provenance = join(destination, except, PROVENANCE_FILE);
  const compared = await compareProcessed({ source, destination, except, plan, provenance });
  world.made = compared.made;
  world.provenance = provenance;
  return compared;
}

/** What the report says, where there is one. */
export function readReport({ report }: World): Record<string, unknown> | undefined {
  if (!report || !existsSync(report)) return undefined;
  return JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>;
}
