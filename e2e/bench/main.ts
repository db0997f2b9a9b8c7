import { copyFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, isWaybillError } from '../../lib/domain/errors.ts';
import { compareAll } from './compare/compare.ts';
import type { Equipment } from './compare/environment.ts';
import type { Comparison } from './compare/rounds.ts';
import { VIEWS } from './compare/workloads.ts';
import { runGrowth } from './growth.ts';
import { makeJobFiles } from './job-files.ts';
import { describeMachine } from './measure/machine.ts';
import { killAll } from './measure/measure.ts';
import { type FoundPeer, findPeers, makePeerSecrets } from './measure/peers.ts';
import { makePlace, type Place, removePlaces } from './measure/places.ts';
import { BENCH_HELP, type BenchOptions, benchOptions } from './options.ts';
import { benchProcessing } from './processing.ts';
import {
  comparisonSection,
  growthSection,
  growthTable,
  writeSection,
} from './report/results-file.ts';
import { comparisonTables, rowsOf } from './report/tables.ts';
import { benchS3 } from './s3.ts';

const AGENT = fileURLToPath(new URL('../../dist/waybill.mjs', import.meta.url));

/** Runs the benchmark; returns the exit code. */
export async function bench(argv: string[]): Promise<number> {
  // However this ends: also when nobody reads what it prints any more.
  process.once('exit', () => {
    killAll();
    removePlaces();
  });
  const stop = () => process.exit(EXIT.interrupted);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const options = benchOptions(argv);
    if (options) await run(options);
    else process.stdout.write(BENCH_HELP);
    return EXIT.done;
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    process.stderr.write(`error: ${error.message}\nhint: ${error.next}\n`);
    return error.exit;
  }
}

async function run(options: BenchOptions): Promise<void> {
  const say = (text: string) =>
    void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
    say(text);
  };
  const tmpfs = options.tmpfs ?? options.disk ?? tmpdir();
  const { quick, workers, rounds, out } = options;
  if (options.s3) return benchS3({ quick, workers, tmpfs, out, say });
  if (options.processing) return benchProcessing({ quick, workers, rounds, tmpfs, out, say });
  const peers = findPeers(options.peers);
  for (const { peer, version, missing } of peers)
    if (!version) note(`${peer}: missing (${missing.join(', ')} not installed)`);
  const places = openPlaces(options, note);
  const machine = describeMachine(places, options.growth ? [] : peers);
  const equipment = await equip(options, places, peers);
  const told = { options, places, peers, equipment, say, note };
  if (options.growth) await grow(told, machine, notes);
  else await compare(told, machine, notes);
}

interface Told {
  options: BenchOptions;
  places: Place[];
  peers: FoundPeer[];
  equipment: Equipment;
  say(text: string): void;
  /** As say, and in the report. */
  note(text: string): void;
}

function openPlaces({ tmpfs, disk, places }: BenchOptions, note: Told['note']): Place[] {
  const dirs = { tmpfs, disk };
  const missing = places.filter((name) => dirs[name] === undefined);
  for (const name of missing) note(`${name}: missing; name a directory with --${name}`);
  // The source lies in memory also when only the disk is measured.
  return (['tmpfs', 'disk'] as const).flatMap((name) => {
    const parent = dirs[name];
    return parent === undefined ? [] : [makePlace(name, parent)];
  });
}

async function equip(
  { workers }: BenchOptions,
  places: Place[],
  peers: FoundPeer[],
): Promise<Equipment> {
  const dir = (places[0] ?? makePlace('disk', '.')).dir;
  const home = join(dir, 'home');
  mkdirSync(home);
  const agent = join(dir, 'waybill.mjs');
  copyFileSync(AGENT, agent);
  const secrets = makePeerSecrets(dir, peers);
  return { agent, job: await makeJobFiles(dir), secrets, workers, home };
}

async function compare(
  told: Told,
  machine: ReturnType<typeof describeMachine>,
  notes: string[],
): Promise<void> {
  const { options, say } = told;
  const done: Comparison[] = [];
  const comparisons = await compareAll({
    ...told,
    onComparison: (comparison) => {
      say(`\n${comparisonTables(comparison)}\n`);
      // Each as it comes: an interrupted run keeps what it has measured.
      done.push(comparison);
      save(told, 'comparison', comparisonSection(machine, done, notes));
    },
  });
  if (!options.json) return;
  const results = comparisons.map(({ runs, failures, ...facts }) => ({
    ...facts,
    failures: Object.fromEntries(failures),
    runs: Object.fromEntries(runs),
    tables: VIEWS.map((view) => ({
      work: view.work,
      rows: rowsOf({ runs, failures, ...facts }, view),
    })),
  }));
  process.stdout.write(`${JSON.stringify({ machine, notes, results })}\n`);
}

async function grow(
  told: Told,
  machine: ReturnType<typeof describeMachine>,
  notes: string[],
): Promise<void> {
  const { options, places, equipment, say, note } = told;
  const rows = await runGrowth({
    places: places.filter(({ name }) => options.places.includes(name)),
    equipment,
    scale: options.growthScale,
    onRow: (row) => say(`${row.subject}  ${row.work.padEnd(40)} ${row.seconds.toFixed(2)} s`),
    say,
    note,
  });
  say(`\n${growthTable(rows)}\n`);
  save(told, 'growth', growthSection(machine, rows, notes));
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, notes, rows })}\n`);
}

function save({ options, say }: Told, section: 'comparison' | 'growth', body: string): void {
  if (options.out === undefined) return;
  writeSection(options.out, section, body);
  say(`written to ${options.out}`);
}
