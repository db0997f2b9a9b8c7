import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPlan } from '../../../agent/host/consent.ts';
import { WaybillError } from '../../domain/errors.ts';
import { largestSize, OPTION_RULES } from '../../domain/options.ts';
import type { ProcessingPlan } from '../../domain/processing.ts';
import { parseBytes } from '../../domain/sizes.ts';
import {
  isWord,
  JOB_STATES,
  JOB_TYPES,
  type JobState,
  type JobType,
  OPTIONS,
  type Option,
} from '../../domain/words.ts';
import { ROOT } from '../console/console-process.ts';
import { userPath } from '../user-path.ts';

export const DEMO_HELP = `Carries one real transfer through its whole life, with the real console, the real agent and a simulated device.

  npm run demo
  npm run demo -- --source DIR [--option snowball|snowball-edge|disk] [--size 50TB] [--no-encryption]
                  [--type import|export] [--process FILE] [--until STATE] [--data DIR] [--json]

  --source DIR        what is moved; default: the project's own node_modules
  --option OPTION     default snowball
  --size SIZE         size of the device; default: the smallest of the option that holds the data
  --no-encryption     a plain BagIt bag (option disk only)
  --type TYPE         import (default): site to store; export: store to site
  --process FILE      processing steps that the agent runs at the site (option snowball-edge, import), such as
                      agent/examples/everything.json; what is moved is then a small directory of tables, texts
                      and pictures that is made from this checkout, unless --source names another
  --until STATE       stop when the job is in that state, and say how to go on by hand
  --data DIR          where all of it lives; default: a new folder below demo-data/
  --json              end with one line of JSON on stdout; the story goes to stderr

It ends with 0 only when every byte is proved.
`;

/** What the demo was asked for. Sizes bytes. */
export interface DemoOptions {
  source: string;
  /** Whether the source is what `collectSample` makes. */
  sampled: boolean;
  /** What the agent does with the data at the site. */
  plan: ProcessingPlan | undefined;
  option: Option;
  type: JobType;
  sizeBytes: number;
  encrypted: boolean;
  until: JobState | undefined;
  dataDir: string;
  json: boolean;
}

/** Reads the command line; undefined when help was asked for. Throws Usage, SourceNotFound. */
export function demoOptions(argv: string[]): DemoOptions | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  const { option, type, until } = values;
  if (!isWord(OPTIONS, option)) throw usage(`--option is one of ${OPTIONS.join(', ')}`);
  if (!isWord(JOB_TYPES, type)) throw usage(`--type is one of ${JOB_TYPES.join(', ')}`);
  if (until !== undefined && !isWord(JOB_STATES, until))
    throw usage(`--until is one of ${JOB_STATES.join(', ')}`);
  const { kind, bytes } = OPTION_RULES[option].sizes;
  const smallest = kind === 'exact' ? Math.min(...bytes) : largestSize(option);
  const sizeBytes = values.size === undefined ? smallest : parseBytes(values.size);
  if (!sizeBytes) throw usage('--size is a size such as 50TB');
  const plan = values.process === undefined ? undefined : readPlan(userPath(values.process));
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const dataDir = userPath(values.data ?? join(ROOT, 'demo-data', stamp));
  const encrypted = !values['no-encryption'];
  const { json } = values;
  const source = sourceOf(values.source, plan ? join(dataDir, 'sample') : undefined);
  return { ...source, plan, option, type, sizeBytes, encrypted, until, dataDir, json };
}

/** The directory that was named, or else the sample's, or else the packages. */
function sourceOf(named: string | undefined, sample: string | undefined) {
  if (named === undefined && sample !== undefined) return { source: sample, sampled: true };
  const source = named === undefined ? join(ROOT, 'node_modules') : userPath(named);
  if (existsSync(source) && statSync(source).isDirectory()) return { source, sampled: false };
  throw new WaybillError('SourceNotFound', { path: source, detail: 'it is not a directory' });
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        source: { type: 'string' },
        option: { type: 'string', default: 'snowball' },
        type: { type: 'string', default: 'import' },
        size: { type: 'string' },
        'no-encryption': { type: 'boolean', default: false },
        process: { type: 'string' },
        until: { type: 'string' },
        data: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

const usage = (detail: string): WaybillError => new WaybillError('Usage', { detail });
