import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { labelForLoad } from '../../agent/host/device.ts';
import type { Output } from '../../agent/output/output.ts';
import { prepare } from '../../agent/station/prepare.ts';
import type { Station } from '../../agent/station/station.ts';
import { receiptOf } from '../../agent/work/seal-volume.ts';
import type { Client } from '../api/client.ts';
import { unlockManifest } from '../keys/manifest/manifest.ts';
import { load } from '../transfer/load/load.ts';
import { reopenVolume, sealVolume } from '../transfer/verify/seal.ts';
import { type ConsoleWorld, consoleWorld, newJobBody } from './console-world.ts';
import { makeTree, snapshot } from './trees.ts';

const nothing = () => undefined;
const quiet: Output = {
  event: nothing,
  note: nothing,
  item: nothing,
  result: nothing,
  error: nothing,
  interrupted: nothing,
};

/** A console with a facility: a station at its dock, and data of a site. */
export interface Facility {
  world: ConsoleWorld;
  station: Station;
  operator: Client;
  dir: string;
  dock: string;
  /** Where the embedded store keeps the objects. */
  bucketDir: string;
  source: string;
}

export async function facility(prepared?: ConsoleWorld): Promise<Facility> {
  const world = prepared ?? (await consoleWorld());
  const dir = world.console.config.dataDir;
  const { signal } = new AbortController();
  // Reports in the background go to a console that is not there: they wait, and hold nothing up.
  const console = { url: 'http://127.0.0.1:9', token: 'none' };
  const client = await world.as('station');
  const state = join(dir, 'state');
  const source = join(dir, 'source');
  mkdirSync(source);
  return {
    world,
    station: { client, console, output: quiet, signal, state, workers: 0, simulated: true },
    operator: await world.as('admin'),
    dir,
    dock: world.console.paths.dock,
    source,
    bucketDir: join(world.console.paths.store, 'default'),
  };
}

/** A new, empty device that is connected to the station. */
export function device({ dock }: Facility, id: string): string {
  const path = join(dock, id);
  mkdirSync(path);
  return path;
}

/** Does an action as people do. */
export const actOn = (
  client: Client,
  jobId: string,
  action:
    | 'ship-to-site'
    | 'deliver'
    | 'ship-to-facility'
    | 'arrive-at-sorting'
    | 'receive'
    | 'return'
    | 'complete',
) =>
  client.call('actOnJob', {
    params: { jobId },
    body: { action, ...(/ship|return/.test(action) && { shipment: { carrier: 'C' } }) },
  });

/** What the manifest of a job opens. */
async function atSite(at: Facility, jobId: string, deviceDir: string) {
  const params = { jobId };
  const manifest = await at.operator.call('getManifest', { params });
  const { unlockCode } = await at.operator.call('revealUnlockCode', { params });
  const { payload, secrets } = await unlockManifest(
    new Uint8Array(await manifest.arrayBuffer()),
    unlockCode,
  );
  const label = labelForLoad(deviceDir, payload, { deviceIsADirectory: true });
  return { payload, signer: secrets.signer, volume: { deviceDir, label, jobKey: secrets.jobKey } };
}

/** Takes the seal off at the site, and tells the console. */
export async function reopenAtSite(at: Facility, jobId: string, deviceDir: string): Promise<void> {
  const { volume } = await atSite(at, jobId, deviceDir);
  await reopenVolume(volume);
  await at.operator.call('reopened', { params: { jobId } });
}

/** What the agent does at the site: load, seal, hand in the receipt. */
export async function copyAtSite(at: Facility, jobId: string, deviceDir: string, seals = true) {
  const params = { jobId };
  const { payload, signer, volume } = await atSite(at, jobId, deviceDir);
  await load({
    ...volume,
    sizeBytes: payload.sizeBytes,
    keyRules: payload.storeRules,
    workers: 0,
    source: { kind: 'tree', root: at.source, symlinks: 'skip' },
    stateDir: join(at.dir, 'site-state'),
    agentVersion: 'test',
  });
  if (!seals) return;
  const facts = await sealVolume({ ...volume, signer });
  const body = new Uint8Array(receiptOf(volume.label, facts, signer));
  await at.operator.call('putSealReceipt', { params, body });
}

/** What an import of the tests carries where they do not say. */
interface Journey {
  body?: Parameters<typeof newJobBody>[0];
  /** Of the device. */
  id?: string;
  /** The data of the site, or what makes it. */
  fill?: Parameters<typeof makeTree>[1] | (() => void);
}

/** An appliance import whose device was filled and sealed and is still at its site. */
export async function importAtSite(at: Facility, given: Journey = {}) {
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody(given.body) });
  const deviceDir = device(at, given.id ?? 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  const { fill = { seed: 5, files: 12, bytesMax: 5000 } } = given;
  if (typeof fill === 'function') fill();
  else makeTree(at.source, fill);
  await copyAtSite(at, jobId, deviceDir);
  return { jobId, params: { jobId }, deviceDir };
}

/** The same, on its way back; the device is in the dock already. */
export async function importOnItsWay(at: Facility, given: Journey = {}) {
  const journey = await importAtSite(at, given);
  await actOn(at.operator, journey.jobId, 'ship-to-facility');
  return journey;
}

/** What the agent at the site tells once it has written all objects of an export out. */
export const tellRestored = ({ operator }: Facility, jobId: string) =>
  operator.call('sendEvent', {
    params: { jobId },
    body: {
      id: randomUUID(),
      at: new Date().toISOString(),
      event: { kind: 'operation', news: { operation: 'restore', state: 'done', attempt: 1 } },
    },
  });

/** What lies in the bucket besides the reports. */
export function imported({ bucketDir }: Facility) {
  const found = snapshot(bucketDir);
  for (const key of found.keys()) if (key.startsWith('waybill-reports/')) found.delete(key);
  return found;
}
