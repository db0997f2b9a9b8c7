import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../lib/api/client.ts';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import type { IncidentKind } from '../../lib/domain/incidents.ts';
import type { Action } from '../../lib/domain/lifecycle.ts';
import type { JobState } from '../../lib/domain/words.ts';
import { runAgent } from '../../lib/launch/demo/agent-process.ts';
import type { World } from '../world.ts';

const LOOK_MS = 250;

/** One job on its way, moved on as people and programs move it. */
export class Story {
  readonly #world: World;
  readonly #api: Client;
  readonly #params: { jobId: string };

  constructor(world: World, api: Client, jobId: string) {
    this.#world = world;
    this.#api = api;
    this.#params = { jobId };
  }

  now(): Promise<JobDetail> {
    return this.#api.call('getJob', { params: this.#params });
  }

  async act(action: Action): Promise<void> {
    await this.#api.call('actOnJob', { params: this.#params, body: { action } });
  }

  async ship(action: Action, sealNumbers: string[]): Promise<void> {
    const way = {
      carrier: 'Northline Freight',
      service: 'Overnight',
      trackingNumber: 'NF-20260417',
    };
    const body = { action, shipment: { ...way, sealNumbers } };
    await this.#api.call('actOnJob', { params: this.#params, body });
  }

  /** Until the station and the agent have brought it there. */
  async reaches(state: JobState): Promise<void> {
    while ((await this.now()).state !== state)
      await new Promise((wait) => setTimeout(wait, LOOK_MS));
  }

  /** A device of the dock is prepared and handed to the carrier. */
  async toCarrier(deviceId: string, sealNumbers: string[]): Promise<void> {
    await this.act('prepare');
    this.#world.device(deviceId);
    await this.reaches('ready-to-ship');
    await this.ship('ship-to-site', sealNumbers);
  }

  async toSite(deviceId: string, sealNumbers: string[]): Promise<void> {
    await this.toCarrier(deviceId, sealNumbers);
    await this.scan('Rotterdam hub', '');
    await this.act('deliver');
  }

  async scan(place: string, note: string): Promise<void> {
    await this.#api.call('addScan', { params: this.#params, body: { place, note } });
  }

  async report(kind: IncidentKind, note: string): Promise<void> {
    await this.#api.call('reportIncident', { params: this.#params, body: { kind, note } });
  }

  /** Takes the credentials to the site and runs the agent there, to the seal. */
  async copy(source: string): Promise<void> {
    const { dir, dataDir } = this.#world;
    const params = this.#params;
    const [manifest, code] = [
      join(dir, `${params.jobId}.manifest`),
      join(dir, `${params.jobId}.code`),
    ];
    const answer = await this.#api.call('getManifest', { params });
    writeFileSync(manifest, Buffer.from(await answer.arrayBuffer()));
    const { unlockCode } = await this.#api.call('revealUnlockCode', { params });
    writeFileSync(code, unlockCode, { mode: 0o600 });
    const { deviceId } = await this.now();
    const device = join(dataDir, 'dock', deviceId ?? '');
    const credentials = ['--manifest', manifest, '--unlock-code-file', code];
    const env = { WAYBILL_STATE: join(dir, 'site-state') };
    const args = [
      'copy',
      source,
      '--device',
      device,
      '--device-is-a-directory',
      '--workers',
      '1',
      ...credentials,
    ];
    await runAgent(args, { env, onEvent: () => {} });
  }
}
