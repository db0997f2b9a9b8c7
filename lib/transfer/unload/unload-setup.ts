import type { ObjectPauses } from '../../domain/object-attempts.ts';
import type { OverwritePolicy } from '../../domain/words.ts';
import type { StoreSpec } from '../../stores/store-spec.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { KeysBeside } from './key-map.ts';

/** What an unload's threads are given. */
export interface UnloadSetup extends VolumeSpec {
  store: StoreSpec;
  /** Put before every key. */
  prefix: string;
  overwrite: OverwritePolicy;
  /** Into a directory, under names that it can hold whatever the keys are. */
  keysBeside?: KeysBeside | undefined;
  /** Between the attempts of an object; the table's own when missing. */
  pausesMs?: ObjectPauses | undefined;
}
