import type { NameTrial } from '../../files/name-trial.ts';

/** What the file system of a device makes of names: plain data, learned by trying. */
export interface DeviceNaming {
  /** Characters that no name may have. */
  refused: string;
  /** The highest character that is kept. */
  characterMax: number;
  /** The longest name in bytes of UTF-8, and in units of UTF-16: file systems count one or the other. */
  bytesMax: number;
  unitsMax: number;
  /** Characters that no name may end in. */
  refusedAtEnd: string;
  /** Whether the names of Windows' own devices are taken. */
  reservesDevices: boolean;
  /** Which letters are the same in both cases; `full`: also those that become several. */
  foldsCase: 'none' | 'ascii' | 'simple' | 'full';
  /** Whether composed and decomposed letters are the same. */
  foldsForm: boolean;
  /** The largest file, where it is less than any. */
  fileBytesMax: number;
}

const WINDOWS_REFUSES = '"*:<>?\\|';
const CONTROLS = String.fromCharCode(...Array.from({ length: 31 }, (_, i) => i + 1), 0x7f);
/** One of each kind: ASCII, Latin 1, the rest of the basic plane, beyond it. */
const CHARACTERS: readonly [sample: string, highest: number][] = [
  ['\u00e9', 0xff],
  ['\u6f22', 0xffff],
  ['\u{1f600}', 0x10ffff],
];
/** No system makes longer names; keys of stores may have longer ones. */
const LENGTH_TRIED = 1024;
/** The largest file of FAT is one byte less. */
const FAT_LIMIT = 4 * 1024 ** 3;

/** Learns what a file system makes of names. */
export function askNaming(trial: NameTrial): DeviceNaming {
  const keepsWith = (character: string) => trial.keeps(`x${character}x`);
  let characterMax = 0x7f;
  for (const [sample, highest] of CHARACTERS) if (keepsWith(sample)) characterMax = highest;
  return {
    refused: [...CONTROLS, ...WINDOWS_REFUSES].filter((one) => !keepsWith(one)).join(''),
    characterMax,
    ...lengthsOf(trial, characterMax),
    refusedAtEnd: [...'. '].filter((one) => !trial.keeps(`x${one}`)).join(''),
    reservesDevices: !trial.keeps('nul') || !trial.keeps('con.txt'),
    foldsCase: caseOf(trial),
    foldsForm: trial.findsAs('\u00e9', 'e\u0301'),
    fileBytesMax: trial.takesBytes(FAT_LIMIT) ? Number.MAX_SAFE_INTEGER : FAT_LIMIT - 1,
  };
}

function caseOf(trial: NameTrial): DeviceNaming['foldsCase'] {
  if (!trial.findsAs('Aa', 'aA')) return 'none';
  if (trial.findsAs('\u00df', 'ss')) return 'full';
  return trial.findsAs('\u00c9', '\u00e9') ? 'simple' : 'ascii';
}

function lengthsOf(trial: NameTrial, characterMax: number) {
  const plain = longest((length) => trial.keeps('x'.repeat(length)));
  if (characterMax < 0xffff) return { bytesMax: plain, unitsMax: plain };
  const wide = longest((length) => trial.keeps('\u6f22'.repeat(length)));
  // Three bytes each, one unit.
  return 3 * wide > plain
    ? { bytesMax: Number.MAX_SAFE_INTEGER, unitsMax: wide }
    : { bytesMax: plain, unitsMax: plain };
}

/** The largest length that is taken, where all shorter ones are. */
function longest(takes: (length: number) => boolean): number {
  let low = 1;
  let high = LENGTH_TRIED;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (takes(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const DEVICES = /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(\.|$)/i;

/** Why a file system cannot keep a name, or undefined when it can. */
export function nameProblem(name: string, naming: DeviceNaming): string | undefined {
  const { refused, refusedAtEnd, characterMax, bytesMax, unitsMax } = naming;
  for (const character of name) {
    if (refused.includes(character)) return `it has ${shown(character)}`;
    if ((character.codePointAt(0) ?? 0) > characterMax) return `it has ${shown(character)}`;
  }
  const end = name.at(-1) ?? '';
  if (end && refusedAtEnd.includes(end)) return `it ends in ${shown(end)}`;
  if (naming.reservesDevices && DEVICES.test(name)) return 'it is one of the reserved names';
  const bytes = Buffer.byteLength(name);
  if (bytes > bytesMax) return `it is ${bytes} bytes long; ${bytesMax} are allowed`;
  if (name.length > unitsMax)
    return `it is ${name.length} characters of UTF-16 long; ${unitsMax} are allowed`;
  return undefined;
}

const shown = (character: string): string => {
  if (character === ' ') return 'a space';
  return character < ' ' || character === '\x7f'
    ? `the control character ${character.charCodeAt(0)}`
    : `the character ${character}`;
};

/** What all names have in common that a file system takes for the same. */
export function foldedName(name: string, { foldsCase, foldsForm }: DeviceNaming): string {
  const form = foldsForm ? name.normalize('NFD') : name;
  switch (foldsCase) {
    case 'none':
      return form;
    case 'ascii':
      return form.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    case 'simple':
      return form.replace(/./gsu, simpleCase);
    case 'full':
      return form.toUpperCase().toLowerCase();
  }
}

/** Whether a file system takes any two names for the same. */
export const folds = ({ foldsCase, foldsForm }: DeviceNaming): boolean =>
  foldsCase !== 'none' || foldsForm;

/** One character stays one. */
function simpleCase(character: string): string {
  const upper = character.toUpperCase();
  const one = upper.length === character.length ? upper : character;
  const lower = one.toLowerCase();
  return lower.length === one.length ? lower : one;
}
