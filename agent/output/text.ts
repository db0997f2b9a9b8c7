import {
  type Moment,
  type ProgressStatus,
  progressStatusOf,
  withMoment,
} from '../../lib/domain/progress.ts';
import { formatBytes, formatDuration } from '../../lib/domain/sizes.ts';
import type { Phase, TransferEvent } from '../../lib/transfer/progress/progress.ts';
import type { Output } from './output.ts';

const PLAIN_EVERY_MS = 5000;
const PROBLEMS_SHOWN = 20;
const BAR = 24;
/** The pace is that of the last ten seconds. */
const WINDOW_MS = 10_000;

const PHASES: Record<Phase, string> = {
  scan: 'looking at the source',
  copy: 'copying',
  parity: 'writing recovery data',
  verify: 'verifying',
  seal: 'sealing',
  import: 'importing',
  export: 'restoring',
  erase: 'erasing',
};

/** Where text goes, and whether a person watches. */
export interface Streams {
  out: (text: string) => void;
  talk: (text: string) => void;
  isTerminal: boolean;
  /** Width of the terminal. */
  columns: () => number;
  now: () => number;
}

/** For people: a progress bar on a terminal, a line every few seconds elsewhere. */
export function textOutput(streams: Streams): Output {
  const progress = progressLines(streams);
  // Several devices cannot share one bar: each has lines of its own.
  const ofDevices = new Map<string, ReturnType<typeof progressLines>>();
  const ofDevice = (device: string) => {
    const talk = (text: string) => streams.talk(`${device}: ${text}`);
    const lines = ofDevices.get(device) ?? progressLines({ ...streams, talk, isTerminal: false });
    ofDevices.set(device, lines);
    return lines;
  };
  return {
    event: (event, device) => (device === undefined ? progress : ofDevice(device)).event(event),
    note: (text) => progress.say(text),
    item: ({ lines }) => streams.out(inLines(lines)),
    result: ({ lines }) => {
      progress.clear();
      streams.out(inLines(lines));
    },
    error: ({ message, next }) => {
      progress.clear();
      streams.talk(`error: ${message}\nhint: ${next}\n`);
    },
    interrupted: () => progress.say('interrupted; run the same command again to go on'),
  };
}

const inLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

type Progress = Extract<TransferEvent, { kind: 'progress' }>;

function progressLines({ talk, isTerminal, columns, now }: Streams) {
  let moments: Moment[] = [];
  let drawn = false;
  let spoken = 0;
  let problems = 0;
  const clear = () => {
    if (drawn) talk('\r\x1b[K');
    drawn = false;
  };
  const say = (text: string) => {
    clear();
    talk(`${text}\n`);
  };
  const show = (event: Progress) => {
    const { objects, bytes } = event;
    moments = withMoment(moments, { atMs: now(), objects, bytes }, WINDOW_MS);
    const line = describe(event, progressStatusOf(event, moments, WINDOW_MS));
    // A line that wraps could not be drawn over.
    if (isTerminal) talk(`\r\x1b[K${line.slice(0, columns() - 1)}`);
    else if (now() - spoken >= PLAIN_EVERY_MS) talk(`${line}\n`);
    else return;
    drawn = isTerminal;
    spoken = now();
  };
  const event = (event: TransferEvent) => {
    if (event.kind === 'progress') return show(event);
    if (event.kind === 'phase') {
      moments = [];
      spoken = now();
      return say(`${PHASES[event.phase]} …`);
    }
    problems += 1;
    if (problems <= PROBLEMS_SHOWN) say(`  ${event.key}: ${event.message}`);
    if (problems === PROBLEMS_SHOWN) say('  … more are in the problem list');
  };
  return { event, say, clear };
}

function describe(event: Progress, status: ProgressStatus): string {
  const { objects, bytes, totalBytes, totalObjects } = event;
  const { share, percent, bytesPerSecond, leftMs } = status;
  if (share === undefined) return `${objects} objects, ${formatBytes(bytes)}`;
  const filled = Math.floor(share * BAR);
  return [
    `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${percent} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    // Recovery data has bytes only.
    ...(totalObjects === 0 ? [] : [`${objects}/${totalObjects} objects`]),
    ...(bytesPerSecond === undefined ? [] : [`${formatBytes(Math.round(bytesPerSecond))}/s`]),
    ...(leftMs === undefined ? [] : [`${formatDuration(leftMs)} left`]),
  ].join('  ');
}
