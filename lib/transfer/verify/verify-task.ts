import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isWaybillError } from '../../domain/errors.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import { liveFilter, type Replaced, withLive } from '../../volume/index/live-records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { Damage, VolumeSpec } from '../../volume/volume.ts';
import type { Control } from '../threads/control.ts';
import type { Task, TaskKind } from '../threads/task.ts';

interface VerifySetup extends VolumeSpec {
  /** Also compute every object's SHA-256; else frames are proved by their tags. */
  full: boolean;
}

/** One job: a page, and the keys that later pages replace. */
export interface VerifyJob {
  page: number;
  replaced: Replaced;
  /** The page cannot be read; its segment may hold bytes of other pages' objects. */
  isLost?: boolean;
}
export interface VerifyDone {
  page: number;
  damage: Damage[];
}

export const VERIFY_TASK: TaskKind<VerifySetup, VerifyJob, VerifyDone, never> = {
  name: 'verify',
  make: verifyTask,
};

/** Reads back what a page describes and says what is damaged. */
function verifyTask(setup: VerifySetup, control: Control): Task<VerifyJob, VerifyDone> {
  const volume = openVolume(setup);
  const reader = volume.reader();
  return {
    handle: async ({ page: number, replaced, isLost }) => {
      if (isLost) return { page: number, damage: volume.checkSegment(number) };
      if (volume.kind === 'sealed' && !setup.full && replaced.length === 0) {
        const { segment, objects } = volume.summarizePage(number);
        if (control.stopped) return { page: number, damage: [] };
        control.add('objects', objects);
        const count = (bytes: number) => control.add('bytes', bytes);
        return { page: number, damage: volume.check({ number, segment, records: [] }, count) };
      }
      const page = withLive(volume.readPage(number), liveFilter(replaced));
      if (control.stopped) return { page: page.number, damage: [] };
      const damage = volume.check(page, (bytes) => control.add('bytes', bytes));
      for (const record of page.records) {
        if (record.kind === 'part') continue;
        control.add('objects', 1);
        if (!setup.full || volume.kind === 'bag' || damage.length > 0) continue;
        if (await isIntact(record)) continue;
        const key = Buffer.from(record.key);
        damage.push({ segment: page.number, from: 0, to: 0, fileOffset: 0, key });
      }
      return { page: page.number, damage };
    },
    finish: async () => reader.close(),
  };

  async function isIntact(record: ObjectRecord): Promise<boolean> {
    const sha256 = createHash('sha256');
    let crc = 0;
    try {
      await reader.read(record, (chunk) => {
        sha256.update(chunk);
        crc = crc32(chunk, crc);
      });
    } catch (error) {
      if (isWaybillError(error, 'FrameDamaged', 'PayloadDamaged', 'VolumeInvalid')) return false;
      throw error;
    }
    return crc === record.crc32 && sha256.digest().equals(record.sha256);
  }
}
