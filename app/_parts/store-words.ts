import type { StoreKind } from '../../lib/domain/words.ts';

export const STORE_KIND_WORDS: Record<StoreKind, string> = {
  s3: 'S3',
  directory: 'Directory',
  glacier: 'Glacier',
  ebs: 'EBS',
};

/** "S3, Directory": kinds of stores in words. */
export const storeKinds = (kinds: readonly StoreKind[]): string =>
  kinds.map((kind) => STORE_KIND_WORDS[kind]).join(', ');
