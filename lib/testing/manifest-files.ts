import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_RULES } from '../domain/object-keys.ts';
import type { ProcessingPlan } from '../domain/processing.ts';
import { TB } from '../domain/sizes.ts';
import type { JobType } from '../domain/words.ts';
import { buildManifest, ManifestSecrets } from '../keys/manifest/manifest.ts';
import { makeUnlockCode } from '../keys/manifest/unlock-code.ts';
import type { VolumeWorld } from './volume-world.ts';

/** Writes the manifest of a world's job and a file with its unlock code. */
export async function manifestFiles(
  world: VolumeWorld,
  changes: {
    deviceId?: string;
    type?: JobType;
    sizeBytes?: number;
    processing?: ProcessingPlan;
  } = {},
): Promise<{ manifest: string; codeFile: string; unlockCode: string }> {
  const { label, jobKey, signer, authority, dir } = world;
  const unlockCode = makeUnlockCode();
  const now = new Date();
  const bytes = await buildManifest({
    payload: {
      jobId: label.jobId,
      jobName: 'A job',
      type: 'import',
      option: label.option,
      deviceId: label.deviceId,
      volumeId: label.volumeId,
      volumeKind: label.kind,
      sizeBytes: TB,
      processing: null,
      consoleUrl: null,
      storeRules: KEY_RULES.directory,
      overwritePolicy: 'never',
      store: { kind: 'directory', bucket: 'bucket', prefix: '' },
      issuedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + 3_600_000).toISOString(),
      ...changes,
    },
    secrets: new ManifestSecrets({ jobKey, jobToken: null, signer }),
    unlockCode,
    authority,
    now,
  });
  const manifest = join(dir, `${unlockCode.slice(0, 5)}.manifest`);
  const codeFile = join(dir, `${unlockCode.slice(0, 5)}.code`);
  writeFileSync(manifest, bytes);
  writeFileSync(codeFile, `${unlockCode}\n`, { mode: 0o600 });
  return { manifest, codeFile, unlockCode };
}
