import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { csvRecord } from '../../lib/domain/csv.ts';
import { checkPlan } from '../../lib/domain/processing.ts';
import { KB, MB, MiB } from '../../lib/domain/sizes.ts';
import { manifestFiles } from '../../lib/testing/manifest-files.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';
import { makeDataSet } from './measure/datasets.ts';
import { describeMachine, machineLines } from './measure/machine.ts';
import { type Measured, measureSuccess } from './measure/measure.ts';
import { makePlace } from './measure/places.ts';
import { median, table } from './report/tables.ts';

/** What processing at the edge costs: the agent with steps beside itself without, and beside the codecs alone. */

const AGENT = fileURLToPath(new URL('../../dist/waybill.mjs', import.meta.url));
const LOCK = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/** Puts an object as it is; the work is that of the way to the function and back. */
const ECHO = `export const handler = async (event, { s3 }) => {
  const { bucket, object } = event.Records[0].s3;
  const Key = decodeURIComponent(object.key.replaceAll('+', ' '));
  const { Body } = await s3.getObject({ Bucket: bucket.name, Key });
  await s3.putObject({ Bucket: bucket.name, Key: Key + '.out', Body });
};`;

interface Bench {
  dir: string;
  workers: number;
  rounds: number;
}

/** Runs something once. */
type Contestant = () => Promise<Measured>;

/** What a contest found: the counted rounds of each, in the order of the rounds. */
type Found = Record<string, Measured[]>;

/** Loads a directory onto a new device by the agent; with steps, which the host's owner allows. */
function agent({ dir, workers }: Bench, source: string, steps: object[] = []): Contestant {
  return async () => {
    const place = join(dir, 'world');
    mkdirSync(place);
    const world = await volumeWorld('sealed', place);
    const plan = steps.length > 0 ? { processing: checkPlan({ steps }) } : {};
    const { manifest, codeFile } = await manifestFiles(world, plan);
    const args = [
      ...[AGENT, 'copy', source, '--device', world.deviceDir, '--manifest', manifest],
      ...['--unlock-code-file', codeFile, '--state', join(place, 'agent'), '--no-verify'],
      ...['--no-seal', '--allow-processing', '--workers', String(workers)],
    ];
    const measured = await run(dir, process.execPath, args);
    rmSync(place, { recursive: true });
    return measured;
  };
}

const run = (dir: string, file: string, args: string[]): Promise<Measured> =>
  measureSuccess({ file, args }, dir);

/** Runs some Node of the project's own libraries. */
const library = (dir: string, code: string, ...args: string[]): Promise<Measured> =>
  run(dir, process.execPath, ['--input-type=module', '-e', code, ...args]);

/** Each in turn, another one first in every round. */
async function contend(rounds: number, contestants: Record<string, Contestant>): Promise<Found> {
  const all = Object.entries(contestants);
  const found: Found = Object.fromEntries(all.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round += 1)
    for (let turn = 0; turn < all.length; turn += 1) {
      const [name, once] = all[(round + turn) % all.length] ?? all[0] ?? [];
      if (!name || !once) continue;
      const measured = await once();
      // The first round warms up.
      if (round > 0) found[name]?.push(measured);
    }
  return found;
}

const HEAD = ['', 'median s', 'CPU s', 'speed', 'ratio', 'goal'];

/** The first cells of a line: who, seconds, CPU seconds, speed. */
function cellsOf(name: string, all: Measured[], speed: (seconds: number) => string): string[] {
  const cpu = all.flatMap(({ cpuSeconds }) => (cpuSeconds === undefined ? [] : [cpuSeconds]));
  const seconds = secondsOf(all);
  const cpuCell = cpu.length > 0 ? median(cpu).toFixed(2) : '';
  return [name, seconds.toFixed(2), cpuCell, speed(seconds)];
}

const secondsOf = (all: Measured[] = []): number => median(all.map(({ seconds }) => seconds));
const objectsAs = (objects: number) => (seconds: number) =>
  `${Math.round(objects / seconds).toLocaleString('en')} objects/s`;
const verdict = (goal: string, met: boolean): string => `${goal} ${met ? 'met' : '**missed**'}`;

const FILTER_ROUNDS = 4;

async function filters(bench: Bench, files: number): Promise<string> {
  const group = { count: files, bytesMin: KB, bytesMax: 20 * KB };
  const { dir, bytes } = await makeDataSet('small', join(bench.dir, 'small'), [group]);
  const steps = [{ step: 'filter', include: ['**/*.bin', 'x/**'], exclude: ['**/*.tmp'] }];
  // The difference is smaller than that between two runs of one.
  const rounds = bench.rounds * FILTER_ROUNDS;
  const { plain = [], filtered = [] } = await contend(rounds, {
    plain: agent(bench, dir),
    filtered: agent(bench, dir, steps),
  });
  rmSync(dir, { recursive: true });
  const speed = objectsAs(files);
  const ratio = median(
    filtered.map(({ seconds }, i) => seconds / (plain[i]?.seconds ?? Number.NaN)),
  );
  const title = `**Include / exclude**: ${files} files, ${Math.round(bytes / MB)} MB, all taken; ${rounds} rounds, the ratio is the median of theirs`;
  const rows = [
    [...cellsOf('waybill copy', plain, speed), '1.00', ''],
    [
      ...cellsOf('… with a filter', filtered, speed),
      ...[ratio.toFixed(3), verdict('≤ 1.03', ratio <= 1.03)],
    ],
  ];
  return `${title}\n\n${table([HEAD, ...rows])}`;
}

const ZSTD = `
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { Zstd } from '@hpcc-js/wasm-zstd';
const bytes = readFileSync(process.argv[1]);
if (zlib.zstdCompressSync) zlib.zstdCompressSync(bytes);
else {
  const zstd = await Zstd.load();
  zstd.reset();
  zstd.setCompressionLevel(3);
  for (let at = 0; at < bytes.length; at += 1 << 20) zstd.compressChunk(bytes.subarray(at, at + (1 << 20)));
  zstd.compressEnd();
}`;

async function zstd(bench: Bench, megabytes: number): Promise<string> {
  const dir = join(bench.dir, 'text');
  mkdirSync(dir);
  const file = join(dir, 'all.txt');
  writeFileSync(file, textOf(megabytes * MiB));
  const own = { ...bench, workers: 1 };
  const hasProgram = spawnSync('zstd', ['--version']).status === 0;
  const found = await contend(bench.rounds, {
    'the library alone': () => library(bench.dir, ZSTD, file),
    ...(hasProgram && {
      'zstd -3': () =>
        run(bench.dir, 'zstd', ['-3', '-q', '-f', file, '-o', join(bench.dir, 'out')]),
    }),
    'waybill copy': agent(own, dir),
    '… with zstd': agent(own, dir, [{ step: 'zstd', level: 3 }]),
  });
  rmSync(dir, { recursive: true });
  return codecTable(
    `**Zstandard**, level 3: ${megabytes} MiB of text, one thread`,
    found,
    megabytes * MiB,
  );
}

/** The documents of this checkout's packages list, over and over, each time with other numbers. */
function textOf(bytes: number): string {
  const lines = readFileSync(LOCK, 'utf8').split('\n');
  const text: string[] = [];
  for (let length = 0, i = 0; length < bytes; i += 1) {
    const line = `${i} ${lines[i % lines.length] ?? ''}\n`;
    text.push(line);
    length += line.length;
  }
  return text.join('');
}

const PARQUET = `
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
const parser = createReadStream(process.argv[1]).pipe(parse({ columns: true }));
const out = new ByteWriter();
let rows = [];
let writer;
const flush = async () => {
  const names = Object.keys(rows[0]);
  const columnData = names.map((name) => ({ name, type: 'STRING', data: rows.map((row) => row[name]), nullable: true }));
  writer ??= new ParquetWriter({ writer: out, schema: schemaFromColumnData({ columnData: columnData.map((one) => ({ ...one, data: [] })) }) });
  await writer.write({ columnData, rowGroupSize: 10000 });
  rows = [];
};
for await (const row of parser) {
  rows.push(row);
  if (rows.length === 10000) await flush();
}
if (rows.length > 0) await flush();
await writer.finish();`;

async function parquet(bench: Bench, rows: number): Promise<string> {
  const dir = join(bench.dir, 'table');
  mkdirSync(dir);
  const file = join(dir, 'rows.csv');
  const line = (i: number) =>
    csvRecord([i, `name ${i % 977}`, (i * 7919) % 10_007, `place ${i % 31}`]);
  const text = [
    csvRecord(['id', 'name', 'value', 'place']),
    ...Array.from({ length: rows }, (_, i) => line(i)),
  ].join('');
  writeFileSync(file, text);
  const own = { ...bench, workers: 1 };
  const steps = [{ step: 'convert', from: 'csv', to: 'parquet', types: 'text' }];
  const found = await contend(bench.rounds, {
    'the libraries alone': () => library(bench.dir, PARQUET, file),
    'waybill copy': agent(own, dir),
    '… with CSV → Parquet': agent(own, dir, steps),
  });
  rmSync(dir, { recursive: true });
  return codecTable(`**CSV → Parquet**: ${rows} rows, one thread`, found, text.length);
}

/** Ratios to the codec alone, without what a copy takes anyway. */
function codecTable(title: string, found: Found, bytes: number): string {
  const plain = secondsOf(found['waybill copy']);
  const alone = secondsOf(Object.entries(found).find(([name]) => name.endsWith(' alone'))?.[1]);
  const rows = Object.entries(found).map(([name, all]) => {
    const steps = name.startsWith('…');
    const ratio = steps ? ((secondsOf(all) - plain) / alone).toFixed(2) : '';
    const goal = steps ? 'what the step adds, over the library alone' : '';
    const cells = cellsOf(name, all, (seconds) => `${(bytes / MB / seconds).toFixed(0)} MB/s`);
    return [...cells, ratio, goal];
  });
  return `${title}\n\n${table([HEAD, ...rows])}`;
}

async function functions(bench: Bench, files: number): Promise<string> {
  const group = { count: files, bytesMin: KB, bytesMax: 4 * KB };
  const { dir } = await makeDataSet('objects', join(bench.dir, 'objects'), [group]);
  const found = await contend(bench.rounds, {
    'waybill copy': agent(bench, dir),
    '… with a function': agent(bench, dir, [{ step: 'function', code: ECHO }]),
  });
  rmSync(dir, { recursive: true });
  const rows = Object.entries(found).map(([name, all]) => {
    const isMet = files / secondsOf(all) >= 2000;
    const goal = name.startsWith('…') ? verdict('≥ 2,000 objects/s', isMet) : '';
    return [...cellsOf(name, all, objectsAs(files)), '', goal];
  });
  const title = `**Function**: ${files} objects of 1–4 KB, each read and put by a handler; starts included`;
  return `${title}\n\n${table([HEAD, ...rows])}`;
}

const INTRO = `# Processing at the edge

The agent with processing steps beside itself without, and beside the codecs alone, in memory, each in turn. To repeat it:
\`npm run bench -- --processing\`; \`--quick\` takes less. Times are those of whole programs, starts included; medians.
**CPU s** is user and system time of the whole process tree.

## Where the time goes

- **Include / exclude** is decided by the one thread that looks at the source, before any object is opened, and costs about
  a millionth of a second an object. The threads that copy run the same small program as without steps.
- **Zstandard** is the library's time: WebAssembly, where Node has no Zstandard of its own, which the program in C outruns.
  A step and the writing of what it makes share one thread, so one large object is not spread over the cores; several are.
- **CSV → Parquet** is parsing of rows and building of columns in JavaScript, by the libraries; the file is written at the
  end of each group of rows.
- **A function** costs two messages an object, one each way, and so two switches between processes, which are about half
  of it; the rest is making the event, the handler's own client, two SHA-256, and the record with its provenance.

## What was measured`;

/** Runs the contests, prints their tables, and writes them to a file if one is named. */
export async function benchProcessing(options: {
  quick: boolean;
  workers: number;
  rounds: number;
  tmpfs: string;
  out: string | undefined;
  say(text: string): void;
}): Promise<void> {
  const { quick, workers, rounds, out, say } = options;
  const place = makePlace('tmpfs', options.tmpfs);
  const bench: Bench = { dir: place.dir, workers, rounds };
  const size = quick ? 0.1 : 1;
  const tables: string[] = [];
  const contests = [
    () => filters(bench, 50_000 * size),
    () => zstd(bench, 256 * size),
    () => parquet(bench, 500_000 * size),
    () => functions(bench, 20_000 * size),
  ];
  for (const contest of contests) {
    const text = await contest();
    tables.push(text);
    say(`\n${text}`);
  }
  if (out === undefined) return;
  const machine = machineLines(describeMachine([place], []));
  writeFileSync(out, [INTRO, machine.join('\n'), ...tables, ''].join('\n\n'));
  say(`written to ${out}`);
}
