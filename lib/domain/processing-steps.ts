/** What one option of a step may be. Sizes bytes, times milliseconds. */
export type OptionRule = {
  about: string;
  required?: boolean;
} & (
  | { kind: 'text'; max: number; default?: string }
  | { kind: 'globs' }
  | { kind: 'whole'; min: number; max: number; default?: number }
  | { kind: 'word'; words: readonly string[]; default?: string }
  | { kind: 'flag'; default?: boolean }
  | { kind: 'instant' }
  | { kind: 'patterns' }
);

/** One kind of step. The table below is read by the API, the console's wizard, the agent and its documentation. */
export interface StepRule {
  label: string;
  summary: string;
  /** Counted up when the same options give other bytes; recorded with every object that is made. */
  version: number;
  options: Readonly<Record<string, OptionRule>>;
  /** Keys a step works on when its `match` says nothing. */
  match: readonly string[];
  /** How an output is named when its `name` says nothing; undefined for a step that makes none. */
  name: string | undefined;
  /** How many objects it makes of one: exactly one, or as many as its code wants. */
  makes: 'none' | 'one' | 'many';
  /** Whether a step may come behind it: bytes that have been packed cannot be read by the next. */
  packs?: boolean;
  /** Set on what it makes, at import. */
  contentEncoding?: string;
  /** It runs code of the job, not of this program. */
  runsCode?: boolean;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const EVERYTHING = ['**'] as const;

const level = (max: number, standard: number): OptionRule => ({
  kind: 'whole',
  min: 1,
  max,
  default: standard,
  about: 'higher is smaller and slower',
});
const outputBytes: OptionRule = {
  kind: 'whole',
  min: 1,
  max: 1024 * GIB,
  default: 100 * GIB,
  about: 'an object that unpacks to more bytes has failed',
};
const FORMATS = ['csv', 'jsonl', 'parquet'] as const;

/** Named `{dir}{stem}{ext}`: folder with its slash, name, and last extension with its dot. `{key}` is all of it. */
export const STEP_RULES = {
  filter: {
    label: 'Include / exclude',
    summary: 'takes only objects by key, size and time; has to come first',
    version: 1,
    match: EVERYTHING,
    name: undefined,
    makes: 'none',
    options: {
      include: { kind: 'globs', about: 'only keys that match one of these' },
      exclude: { kind: 'globs', about: 'no keys that match one of these' },
      minBytes: {
        kind: 'whole',
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        about: 'only objects of at least so many bytes',
      },
      maxBytes: {
        kind: 'whole',
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        about: 'only objects of at most so many bytes',
      },
      modifiedAfter: { kind: 'instant', about: 'only objects last changed then or later' },
      modifiedBefore: { kind: 'instant', about: 'only objects last changed before' },
    },
  },
  gzip: {
    label: 'Compress with gzip',
    summary: 'RFC 1952; recorded as content encoding',
    version: 1,
    match: EVERYTHING,
    name: '{key}.gz',
    makes: 'one',
    packs: true,
    contentEncoding: 'gzip',
    options: { level: level(9, 6) },
  },
  gunzip: {
    label: 'Decompress gzip',
    summary: 'unpacks .gz objects',
    version: 1,
    match: ['**/*.gz'],
    name: '{dir}{stem}',
    makes: 'one',
    options: { maxOutputBytes: outputBytes },
  },
  zstd: {
    label: 'Compress with Zstandard',
    summary: 'RFC 8878; recorded as content encoding',
    version: 1,
    match: EVERYTHING,
    name: '{key}.zst',
    makes: 'one',
    packs: true,
    contentEncoding: 'zstd',
    options: { level: level(19, 3) },
  },
  unzstd: {
    label: 'Decompress Zstandard',
    summary: 'unpacks .zst objects',
    version: 1,
    match: ['**/*.zst'],
    name: '{dir}{stem}',
    makes: 'one',
    options: { maxOutputBytes: outputBytes },
  },
  convert: {
    label: 'Convert a table',
    summary: 'between CSV, JSON Lines and Parquet',
    version: 1,
    match: ['**/*.{from}'],
    name: '{dir}{stem}.{to}',
    makes: 'one',
    options: {
      from: { kind: 'word', words: FORMATS, required: true, about: 'what it is' },
      to: { kind: 'word', words: FORMATS, required: true, about: 'what it becomes' },
      delimiter: { kind: 'text', max: 1, default: ',', about: 'between the fields of a CSV' },
      types: {
        kind: 'word',
        words: ['infer', 'text'],
        default: 'infer',
        about: 'of CSV fields: numbers and booleans where every value is one, or text only',
      },
    },
  },
  redact: {
    label: 'Redact text',
    summary: 'replaces what patterns find, line by line (RE2 syntax, linear time)',
    version: 1,
    match: ['**/*.{txt,log,csv,json,jsonl,md,xml,html}'],
    name: '{dir}{stem}.redacted{ext}',
    makes: 'one',
    options: {
      patterns: { kind: 'patterns', required: true, about: 'what to find, and what to put there' },
      ignoreCase: { kind: 'flag', default: false, about: 'upper and lower case are the same' },
    },
  },
  checksums: {
    label: 'Checksum list only',
    summary: 'a line that sha256sum -c reads in place of each object, and a list of all of them',
    version: 1,
    match: EVERYTHING,
    name: '{key}.sha256',
    makes: 'one',
    packs: true,
    options: {
      list: {
        kind: 'text',
        max: 500,
        default: 'SHA256SUMS',
        about: 'key of the list; {dir}SHA256SUMS makes one for each folder',
      },
    },
  },
  thumbnail: {
    label: 'Image thumbnails',
    summary: 'smaller pictures, by sharp where it is installed on the host',
    version: 1,
    match: ['**/*.{jpg,jpeg,png,webp,gif,tif,tiff,avif}'],
    name: '{dir}{stem}-{width}.{format}',
    makes: 'one',
    options: {
      width: { kind: 'whole', min: 1, max: 8192, default: 320, about: 'pixels at most' },
      height: { kind: 'whole', min: 1, max: 8192, default: 320, about: 'pixels at most' },
      format: { kind: 'word', words: ['jpeg', 'png', 'webp'], default: 'webp', about: 'of them' },
      quality: { kind: 'whole', min: 1, max: 100, default: 80, about: 'higher is larger' },
    },
  },
  function: {
    label: 'Function',
    summary: 'a handler as for AWS Lambda, called with the event of an S3 object PUT',
    version: 1,
    match: EVERYTHING,
    name: '{output}',
    makes: 'many',
    runsCode: true,
    options: {
      code: {
        kind: 'text',
        max: 128 * 1024,
        required: true,
        about: 'one ES module that exports the handler',
      },
      handler: { kind: 'text', max: 100, default: 'handler', about: 'name of the export' },
      memoryMB: { kind: 'whole', min: 64, max: 8192, default: 256, about: 'of the process' },
      timeoutMs: { kind: 'whole', min: 100, max: 900_000, default: 30_000, about: 'an invocation' },
      maxOutputs: { kind: 'whole', min: 1, max: 1000, default: 16, about: 'objects of one object' },
      maxOutputBytes: {
        kind: 'whole',
        min: 1,
        max: GIB,
        default: 64 * MIB,
        about: 'of all outputs of one object',
      },
      retries: { kind: 'whole', min: 0, max: 5, default: 1, about: 'after a failure' },
      network: { kind: 'flag', default: false, about: 'asks for the network; a policy decides' },
    },
  },
} as const satisfies Record<string, StepRule>;

export type StepName = keyof typeof STEP_RULES;
export const STEP_NAMES = Object.keys(STEP_RULES) as StepName[];

/** What every step may say besides its own options. */
export const COMMON_OPTIONS = {
  match: { kind: 'globs', about: 'keys it works on; others go on unchanged' },
  name: { kind: 'text', max: 500, about: 'template of the output’s key' },
} as const satisfies Record<string, OptionRule>;

export const stepRule = (name: StepName): StepRule => STEP_RULES[name];
