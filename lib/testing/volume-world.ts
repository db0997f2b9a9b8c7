import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_RULES } from '../domain/object-keys.ts';
import { TB } from '../domain/sizes.ts';
import type { VolumeKind } from '../domain/words.ts';
import {
  createAuthority,
  issueJobCertificate,
  type KeyedCertificate,
} from '../keys/certificates.ts';
import { load } from '../transfer/load/load.ts';
import type { LoadOptions } from '../transfer/load/load-options.ts';
import { type UnloadOptions, unload } from '../transfer/unload/unload.ts';
import { type Label, writeLabel } from '../volume/label.ts';
import type { VolumeFormat } from '../volume/layout.ts';
import { tempDir } from './temp.ts';

/** A device, a source, a store and the keys of one job, in a directory of its own. */
export interface VolumeWorld {
  dir: string;
  deviceDir: string;
  source: string;
  /** Root of the store; its bucket is `bucket`. */
  storeRoot: string;
  bucketDir: string;
  label: Label;
  jobKey: Buffer | null;
  authority: KeyedCertificate;
  signer: KeyedCertificate;
  loadOptions(changes?: Partial<LoadOptions>): LoadOptions;
  unloadOptions(changes?: Partial<UnloadOptions>): UnloadOptions;
  load(changes?: Partial<LoadOptions>): ReturnType<typeof load>;
  unload(changes?: Partial<UnloadOptions>): ReturnType<typeof unload>;
}

const JOB_ID = 'JID00000000-0000-4000-8000-000000000001';
let shared: Promise<{ authority: KeyedCertificate; signer: KeyedCertificate }> | undefined;

/** RSA keys take time: one authority and one job certificate serve a whole test file. */
async function makeKeys() {
  const authority = await createAuthority({ name: 'Test installation', now: new Date() });
  const signer = await issueJobCertificate(authority, {
    jobId: JOB_ID,
    deviceId: 'DEV-1',
    now: new Date(),
    days: 30,
  });
  return { authority, signer };
}

/** Outside of a test, `dir` names an empty directory that the caller removes. */
export async function volumeWorld(
  kind: VolumeKind = 'sealed',
  dir = tempDir(),
  format: VolumeFormat = 'waybill-volume/1',
): Promise<VolumeWorld> {
  shared ??= makeKeys();
  const { authority, signer } = await shared;
  const deviceDir = join(dir, 'device');
  const source = join(dir, 'source');
  const storeRoot = join(dir, 'store');
  const bucketDir = join(storeRoot, 'bucket');
  for (const path of [deviceDir, source, bucketDir]) mkdirSync(path, { recursive: true });
  const label: Label = {
    format,
    deviceId: 'DEV-1',
    jobId: JOB_ID,
    volumeId: randomUUID(),
    option: 'disk',
    kind,
    createdAt: new Date().toISOString(),
  };
  writeLabel(deviceDir, label);
  const jobKey = kind === 'bag' ? null : randomBytes(32);
  const world = { dir, deviceDir, source, storeRoot, bucketDir, label, jobKey, authority, signer };
  const common = { deviceDir, label, jobKey, sizeBytes: TB, agentVersion: 'test', workers: 0 };
  const loadOptions = (changes: Partial<LoadOptions> = {}): LoadOptions => ({
    ...common,
    source: { kind: 'tree', root: source, symlinks: 'skip' },
    keyRules: KEY_RULES.directory,
    stateDir: join(dir, 'state'),
    ...changes,
  });
  const unloadOptions = (changes: Partial<UnloadOptions> = {}): UnloadOptions => ({
    ...common,
    caPem: authority.certificatePem,
    target: {
      kind: 'store',
      spec: { kind: 'directory', root: storeRoot, bucket: 'bucket' },
      prefix: '',
    },
    overwrite: 'never',
    stateDir: join(dir, 'unload-state'),
    destinationName: 'bucket/',
    ...changes,
  });
  return {
    ...world,
    loadOptions,
    unloadOptions,
    load: (changes) => load(loadOptions(changes)),
    unload: (changes) => unload(unloadOptions(changes)),
  };
}
