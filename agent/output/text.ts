import { formatBytes, formatDuration } from '../../lib/domain/sizes.ts';
import { createRate, type Phase, type TransferEvent } from '../../lib/transfer/progress.ts';
import type { Output } from './output.ts';

const PLAIN_EVERY_MS = 5000;
const PROBLEMS_SHOWN = 20;
const BAR = 24;

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
  let rate = createRate();
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
    rate.update(event.bytes, now());
    const line = describe(event, rate);
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
      rate = createRate();
      spoken = now();
      return say(`${PHASES[event.phase]} …`);
    }
    problems += 1;
    if (problems <= PROBLEMS_SHOWN) say(`  ${event.key}: ${event.message}`);
    if (problems === PROBLEMS_SHOWN) say('  … more are in the problem list');
  };
  return { event, say, clear };
}

function describe(event: Progress, rate: ReturnType<typeof createRate>): string {
  const { objects, bytes, totalBytes, totalObjects } = event;
  if (totalObjects === 0) return `${objects} objects, ${formatBytes(bytes)}`;
  const share = Math.min(1, totalBytes > 0 ? bytes / totalBytes : objects / totalObjects);
  const filled = Math.round(share * BAR);
  const eta = rate.etaMs(totalBytes - bytes);
  return [
    `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${(share * 100).toFixed(1)} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    `${objects}/${totalObjects} objects`,
    `${formatBytes(Math.round(rate.bytesPerSecond))}/s`,
    ...(eta === undefined ? [] : [`${formatDuration(eta)} left`]),
  ].join('  ');
}
