import type { OverwritePolicy } from './words.ts';

/** The overwrite policies in words, for pages and the command line. */
export const OVERWRITE_WORDS: Record<OverwritePolicy, string> = {
  never: 'kept; one with other bytes is reported as failed',
  'if-different': 'replaced where its bytes differ',
  always: 'written anew',
};
