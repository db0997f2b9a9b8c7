import { existsSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WaybillError } from '../../lib/domain/errors.ts';
import { WORKS, type Work } from './compare/workloads.ts';
import { DATA_SETS, type DataSetName } from './measure/datasets.ts';
import { PEERS, type Peer } from './measure/peers.ts';
import { isTmpfs, PLACE_NAMES, type PlaceName } from './measure/places.ts';

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const PROCESSING_RESULTS = fileURLToPath(new URL('PROCESSING.md', import.meta.url));
const S3_RESULTS = fileURLToPath(new URL('S3.md', import.meta.url));
const WORKERS_MAX = 8;

export const BENCH_HELP = `Runs Waybill and its peers on the same data, in turn, on this machine, and compares.

  npm run bench
  npm run bench -- --quick
  npm run bench -- --only large,small --places tmpfs --rounds 5
  npm run bench -- --source /data/photos --peers cp,rsync,rclone --works load
  npm run bench -- --growth [--growth-scale 0.01]

  --only LIST         data sets: ${Object.keys(DATA_SETS).join(', ')}; default: all
  --source DIR        use this directory instead; nothing in it is changed
  --works LIST        ${WORKS.join(', ')}; default: all in memory, load on the disk
  --peers LIST        ${PEERS.join(', ')}; default: all that are installed
  --places LIST       tmpfs, disk; default: both
  --tmpfs DIR         a directory in memory; default: /dev/shm
  --disk DIR          a directory on the disk; default: the one for temporary files
  --rounds N          counted rounds, after one to warm up; default 3, with --quick 1
  --workers N         threads of Waybill; default: processors, ${WORKERS_MAX} at most
  --quick             much less data, one round and no goals, to try it
  --growth            instead: how time and memory grow with the number and the size of files
  --s3                instead: import into an S3 server (OpenStack Swift), beside aws s3 cp and rclone copy
  --processing        instead: what processing at the edge costs, beside codecs alone
  --growth-scale X    with less (or more) of it, such as 0.01
  --out FILE          where the tables go; default e2e/bench/RESULTS.md, S3.md or PROCESSING.md, with --quick nowhere
  --json              end with one line of JSON on stdout; the tables go to stderr

What it makes lies in new folders of --tmpfs and --disk, and is removed at the end, and on Ctrl-C.
A peer that is not installed, and a place without room, is named and left out.
`;

/** What the benchmark was asked for. */
export interface BenchOptions {
  only: DataSetName[];
  source: string | undefined;
  works: Work[] | undefined;
  peers: Peer[];
  places: PlaceName[];
  /** Undefined: there is none. */
  tmpfs: string | undefined;
  disk: string | undefined;
  rounds: number;
  workers: number;
  quick: boolean;
  growth: boolean;
  s3: boolean;
  processing: boolean;
  growthScale: number;
  out: string | undefined;
  json: boolean;
}

/** Reads the command line; undefined when help was asked for. Throws Usage, SourceNotFound. */
export function benchOptions(argv: string[]): BenchOptions | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  const { quick = false, growth = false, s3 = false, processing = false, json = false } = values;
  const source = values.source === undefined ? undefined : resolve(values.source);
  if (source !== undefined && !(existsSync(source) && statSync(source).isDirectory()))
    throw new WaybillError('SourceNotFound', { path: source, detail: 'it is no directory' });
  const names = Object.keys(DATA_SETS) as DataSetName[];
  const defaultWorkers = Math.min(availableParallelism(), WORKERS_MAX);
  const growthScale = Number(values['growth-scale'] ?? 1);
  if (!(growthScale > 0)) throw usage('--growth-scale is a number above 0, such as 0.01');
  return {
    only: words('only', values.only, names) ?? names,
    source,
    works: words('works', values.works, WORKS),
    peers: words('peers', values.peers, PEERS) ?? [...PEERS],
    places: words('places', values.places, PLACE_NAMES) ?? [...PLACE_NAMES],
    tmpfs: memoryDir(values.tmpfs),
    disk: diskDir(values.disk),
    rounds: whole('rounds', values.rounds) ?? (quick ? 1 : 3),
    workers: whole('workers', values.workers) ?? defaultWorkers,
    quick,
    growth,
    s3,
    processing,
    growthScale,
    json,
    out: values.out === undefined ? standardOut({ quick, s3, processing }) : resolve(values.out),
  };
}

function standardOut({
  quick,
  s3,
  processing,
}: Pick<BenchOptions, 'quick' | 's3' | 'processing'>): string | undefined {
  if (quick) return undefined;
  if (processing) return PROCESSING_RESULTS;
  return s3 ? S3_RESULTS : RESULTS;
}

function parse(argv: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: argv,
      options: {
        only: text,
        source: text,
        works: text,
        peers: text,
        places: text,
        tmpfs: text,
        disk: text,
        rounds: text,
        workers: text,
        quick: flag,
        growth: flag,
        s3: flag,
        processing: flag,
        'growth-scale': text,
        out: text,
        json: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

const usage = (detail: string): WaybillError => new WaybillError('Usage', { detail });

function words<T extends string>(
  name: string,
  given: string | undefined,
  known: readonly T[],
): T[] | undefined {
  if (given === undefined) return undefined;
  const asked = given.split(',').map((word) => word.trim());
  const unknown = asked.find((word) => !known.some((each) => each === word));
  if (unknown !== undefined) throw usage(`--${name} takes ${known.join(', ')}; not "${unknown}"`);
  return known.filter((each) => asked.includes(each));
}

function whole(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(given)) throw usage(`--${name} is a whole number from 1 on`);
  return Number(given);
}

function memoryDir(given: string | undefined): string | undefined {
  if (given === undefined) return isTmpfs('/dev/shm') ? '/dev/shm' : undefined;
  if (!isTmpfs(given)) throw usage(`--tmpfs ${given}: that is no tmpfs`);
  return resolve(given);
}

function diskDir(given: string | undefined): string | undefined {
  if (given === undefined) return isTmpfs(tmpdir()) ? undefined : tmpdir();
  if (!existsSync(given)) throw usage(`--disk ${given}: it does not exist`);
  return resolve(given);
}
