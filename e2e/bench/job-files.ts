import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_RULES } from '../../lib/domain/object-keys.ts';
import { TB } from '../../lib/domain/sizes.ts';
import type { JobType, VolumeKind } from '../../lib/domain/words.ts';
import { createAuthority, issueJobCertificate } from '../../lib/keys/certificates.ts';
import { buildManifest, ManifestSecrets } from '../../lib/keys/manifest/manifest.ts';
import { makeUnlockCode } from '../../lib/keys/manifest/unlock-code.ts';

const JOB_ID = 'JID00000000-0000-4000-8000-00000000be7c';
const DEVICE_ID = 'DEV-BENCH';
const DAY_MS = 86_400_000;

/** Paths of what the agent needs of one job. */
export interface JobFiles {
  /** Fills a sealed volume. */
  sealed: string;
  /** Restores the same sealed volume. */
  restore: string;
  /** Fills a volume without encryption. */
  bag: string;
  codeFile: string;
}

/** Makes manifests and unlock code of a disk job, as a console would give them out. */
export async function makeJobFiles(dir: string): Promise<JobFiles> {
  const now = new Date();
  const authority = await createAuthority({ name: 'Benchmark', now });
  const signer = await issueJobCertificate(authority, {
    jobId: JOB_ID,
    deviceId: DEVICE_ID,
    now,
    days: 30,
  });
  const unlockCode = makeUnlockCode();
  const jobKey = randomBytes(32);
  const volumeId = randomUUID();
  const write = async (name: string, type: JobType, volumeKind: VolumeKind) => {
    const bytes = await buildManifest({
      payload: {
        jobId: JOB_ID,
        jobName: 'Benchmark',
        type,
        option: 'disk',
        deviceId: DEVICE_ID,
        volumeId,
        volumeKind,
        sizeBytes: TB,
        processing: null,
        consoleUrl: null,
        storeRules: KEY_RULES.directory,
        overwritePolicy: 'never',
        store: { kind: 'directory', bucket: 'bucket', prefix: '' },
        issuedAt: now.toISOString(),
        expiresAt: new Date(now.getTime() + DAY_MS).toISOString(),
      },
      secrets: new ManifestSecrets({
        jobKey: volumeKind === 'bag' ? null : jobKey,
        jobToken: null,
        signer,
      }),
      unlockCode,
      authority,
      now,
    });
    const path = join(dir, name);
    writeFileSync(path, bytes, { mode: 0o600 });
    return path;
  };
  const codeFile = join(dir, 'unlock-code');
  writeFileSync(codeFile, `${unlockCode}\n`, { mode: 0o600 });
  return {
    sealed: await write('sealed.manifest', 'import', 'sealed'),
    restore: await write('restore.manifest', 'export', 'sealed'),
    bag: await write('bag.manifest', 'import', 'bag'),
    codeFile,
  };
}
