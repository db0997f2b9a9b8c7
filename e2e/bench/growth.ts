import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, GB, KB } from '../../lib/domain/sizes.ts';
import {
  type Arena,
  agentCommand,
  closeArena,
  type Equipment,
  openArena,
} from './compare/environment.ts';
import { RESUME_GOAL } from './compare/goals.ts';
import { secondsUntilCopying, writtenBytes } from './compare/run-step.ts';
import {
  type DataSet,
  expectedSize,
  type FileGroup,
  makeDataSet,
  roomOf,
} from './measure/datasets.ts';
import { type Command, type Ended, type MeasureOptions, measure } from './measure/measure.ts';
import { type Place, roomIn, warmMemory } from './measure/places.ts';

/** How time and memory grow with the number and the size of files. Each is done once. */

const FILE_COUNTS = [10_000, 100_000, 1_000_000];
const FILE_BYTES = [GB, 5 * GB, 20 * GB];
const TINY = { bytesMin: 64, bytesMax: KB };
/** Source and volume, or volume and what is restored, with what file systems take for themselves. */
const COPIES = 2.2;

interface Subject {
  title: string;
  groups: FileGroup[];
  /** The load is also killed at this share of its bytes, and run again. */
  killAt?: number;
}

/** One line of the table. */
export interface GrowthRow {
  subject: string;
  place: Place['name'];
  work: string;
  seconds: number;
  files: number;
  bytes: number;
  cpuSeconds?: number | undefined;
  rssBytes?: number | undefined;
  /** Its time over the time of an earlier row. */
  ratio?: { value: number; of: string; goal?: { atMost: number } | undefined };
  note?: string;
}

export interface GrowthOptions {
  places: Place[];
  scale: number;
  equipment: Equipment;
  onRow(row: GrowthRow): void;
  say(text: string): void;
  /** As say, and in the report. */
  note(text: string): void;
}

function subjectsOf(scale: number): Subject[] {
  const counts = FILE_COUNTS.map((count) => Math.max(1, Math.round(count * scale)));
  const sizes = FILE_BYTES.map((bytes) => Math.max(1, Math.round(bytes * scale)));
  return [
    ...counts.map((count, at) => ({
      title: `${count.toLocaleString('en')} files`,
      groups: [{ count, ...TINY }],
      ...(at === counts.length - 1 && { killAt: 0.5 }),
    })),
    ...sizes.map((bytes, at) => ({
      title: `one file of ${formatBytes(bytes)}`,
      groups: [{ count: 1, bytesMin: bytes, bytesMax: bytes }],
      ...(at === sizes.length - 1 && { killAt: 0.9 }),
    })),
  ];
}

/** Measures each size once, in the first place that has room for it. */
export async function runGrowth(options: GrowthOptions): Promise<GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const subject of subjectsOf(options.scale)) {
    const needed = roomOf(expectedSize(subject.groups)) * COPIES;
    const place = options.places.find(({ dir }) => roomIn(dir) >= needed);
    if (!place) {
      options.note(`${subject.title}: left out, no place has ${formatBytes(needed)} of room`);
      continue;
    }
    const onRow = (row: GrowthRow) => {
      rows.push(row);
      options.onRow(row);
    };
    await growOnce(subject, place, { ...options, onRow });
  }
  return rows;
}

/** Runs a command of the agent and takes it down as rows. */
type Take = (
  work: string,
  command: Command,
  more?: MeasureOptions & { against?: Taken },
) => Promise<Taken>;

/** Seconds of a whole run, and until it copied. */
interface Taken {
  work: string;
  seconds: number;
  copying: number | undefined;
}

async function growOnce(subject: Subject, place: Place, options: GrowthOptions): Promise<void> {
  const { equipment, say } = options;
  const sourceDir = join(place.dir, 'growth-source');
  say(`${subject.title}: making them in ${place.name} …`);
  const source = await makeDataSet(subject.title, sourceDir, subject.groups);
  const take = taking(source, place, subject.title, options);
  let arena = openArena(place, source, equipment);
  try {
    await take('scan (copy --dry-run)', copy(arena, '--dry-run'));
    const first = await take('load', copy(arena));
    await take('verify', agentCommand(arena, 'sealed', ['verify', '--json']));
    if (subject.killAt !== undefined) {
      await closeArena(arena, place);
      arena = openArena(place, source, equipment);
      await killAndResume(arena, subject.killAt, { take, first });
    }
    await rm(sourceDir, { recursive: true, force: true });
    await take('seal', agentCommand(arena, 'sealed', ['seal', '--no-verify', '--json']));
    await take('unload', agentCommand(arena, 'restore', ['restore', arena.restored, '--json']));
  } finally {
    await closeArena(arena, place);
    await rm(sourceDir, { recursive: true, force: true });
  }
}

function taking(source: DataSet, place: Place, subject: string, options: GrowthOptions): Take {
  const { files, bytes } = source;
  const about = { subject, place: place.name, files, bytes };
  const syncDir = place.name === 'disk' ? place.dir : undefined;
  const over = (seconds: number, one: number | undefined, of: string, goal?: { atMost: number }) =>
    one === undefined ? {} : { ratio: { value: seconds / one, of, goal } };
  const resumeGoal = files >= RESUME_GOAL.files ? RESUME_GOAL : undefined;
  return async (work, command, { against, ...more } = {}) => {
    if (place.name === 'tmpfs') warmMemory(bytes);
    const run = await measure(command, options.equipment.home, {
      syncDir,
      keepLines: true,
      ...more,
    });
    const { seconds, cpuSeconds, rssBytes } = run;
    const whole = over(seconds, against?.seconds, `of “${against?.work}”`);
    options.onRow({
      ...about,
      work,
      seconds,
      cpuSeconds,
      rssBytes,
      ...whole,
      ...noteOf(run, source),
    });
    const copying = secondsUntilCopying(run);
    if (copying !== undefined) {
      const start = over(copying, against?.copying, 'of the first scan', resumeGoal);
      options.onRow({ ...about, work: `${work}, until it copies`, seconds: copying, ...start });
    }
    return { work, seconds, copying };
  };
}

async function killAndResume(
  arena: Arena,
  share: number,
  { take, first }: { take: Take; first: Taken },
): Promise<void> {
  const enough = share * arena.source.bytes;
  const killWhen = () => writtenBytes(arena.target) >= enough;
  await take(`load, killed at ${share * 100} %`, copy(arena), { killWhen });
  await take('the same command again', copy(arena), { against: first });
}

const copy = (arena: Arena, ...more: string[]): Command => {
  const modes = more.length > 0 ? more : ['--no-verify', '--no-seal'];
  return agentCommand(arena, 'sealed', ['copy', arena.source.dir, '--json', ...modes]);
};

/** What a reader has to know of a run: that it failed, or where it went on. */
function noteOf(run: Ended, source: DataSet): { note?: string } {
  if (run.killed) return {};
  const last = run.lines.at(-1)?.text ?? '{}';
  const facts = last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {};
  if (run.status !== 0)
    return { note: `failed (${run.status}): ${String(facts.message ?? run.talk)}` };
  const done = Number(facts.alreadyDone ?? 0);
  if (done === 0) return {};
  return {
    note: `${done.toLocaleString('en')} of ${source.files.toLocaleString('en')} were there`,
  };
}
