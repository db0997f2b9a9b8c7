import type { EXIT } from '../lib/domain/errors.ts';

/** What the exit codes mean, in words. */
export const EXIT_WORDS: [keyof typeof EXIT, string][] = [
  ['done', 'done'],
  ['problems', 'finished with problems; the problem list names them'],
  ['usage', 'wrong usage'],
  ['refused', 'refused by a rule'],
  ['device', 'the device'],
  ['store', 'the store'],
  ['credentials', 'manifest, unlock code or signature'],
  ['interrupted', 'interrupted; the same command goes on'],
];

const CREDENTIALS = '--device /mnt/disk --manifest JID….manifest';

const EXAMPLES: Record<string, string[]> = {
  copy: [
    `waybill copy /data ${CREDENTIALS} --dry-run`,
    `waybill copy /data ${CREDENTIALS}`,
    `waybill copy /data ${CREDENTIALS} --unlock-code-file /run/code --json`,
  ],
  verify: [`waybill verify ${CREDENTIALS}`, `waybill verify ${CREDENTIALS} --drop-damaged`],
  seal: [`waybill seal ${CREDENTIALS}`],
  reopen: [`waybill reopen ${CREDENTIALS}`],
  ls: [`waybill ls ${CREDENTIALS} --long`],
  restore: [`waybill restore /data/restored ${CREDENTIALS}`],
  status: ['waybill status --device /mnt/disk'],
  'job plan': ['waybill job plan --option snowball --bytes 240TB'],
};

/** The examples of a command, for its help. */
export function examples(command: string): string {
  return `\nExamples:\n${(EXAMPLES[command] ?? []).map((line) => `  ${line}`).join('\n')}`;
}
