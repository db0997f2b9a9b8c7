import { formatBytes, MB, MiB } from '../../../lib/domain/sizes.ts';
import { describeGoal, type Goal, goalOf, isMet, RSS_GOAL } from '../compare/goals.ts';
import type { Comparison } from '../compare/rounds.ts';
import { type Series, TITLES, VIEWS, type View } from '../compare/workloads.ts';
import type { Measured } from '../measure/measure.ts';

/** One line of a table: medians of the counted rounds. */
export interface Row {
  series: Series;
  median: number;
  min: number;
  max: number;
  /** Median over the baseline's median; undefined when there is no baseline. */
  ratio: number | undefined;
  cpuSeconds: number | undefined;
  /** The highest of all rounds, bytes. */
  rssBytes: number | undefined;
  /** What the ratio should be, and whether it is. */
  goal: (Goal & { met: boolean }) | undefined;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

const known = (values: (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined);

/** The lines of one table, of those who ran. */
export function rowsOf(comparison: Comparison, view: View): Row[] {
  const { runs, place, dataSet, judged } = comparison;
  const baseline = runs.get(view.baseline);
  const one = baseline && median(baseline.map(({ seconds }) => seconds));
  return view.rows.flatMap((series) => {
    const all = runs.get(series) ?? [];
    if (all.length === 0) return [];
    const figures = figuresOf(all);
    const ratio = one === undefined ? undefined : figures.median / one;
    const goal = judged ? goalOf({ work: view.work, series }, place, dataSet.name) : undefined;
    const isJudged = goal && ratio !== undefined;
    return [
      {
        series,
        ...figures,
        ratio,
        goal: isJudged ? { ...goal, met: isMet(goal, ratio) } : undefined,
      },
    ];
  });
}

function figuresOf(runs: Measured[]) {
  const seconds = runs.map((run) => run.seconds);
  const cpu = known(runs.map((run) => run.cpuSeconds));
  const rss = known(runs.map((run) => run.rssBytes));
  return {
    median: median(seconds),
    min: Math.min(...seconds),
    max: Math.max(...seconds),
    cpuSeconds: cpu.length > 0 ? median(cpu) : undefined,
    rssBytes: rss.length > 0 ? Math.max(...rss) : undefined,
  };
}

const HEAD = ['', 'median s', 'min', 'max', 'MB/s', 'ratio', 'CPU s', 'peak MiB', 'goal'];

/** The tables of a comparison, as Markdown that can be read as it is. */
export function comparisonTables(comparison: Comparison): string {
  const { place, dataSet, works, rounds, failures } = comparison;
  const { name, files, bytes } = dataSet;
  const title = `### ${name}, ${place}: ${files.toLocaleString('en')} files, ${formatBytes(bytes)}`;
  const views = VIEWS.filter(({ work }) => works.includes(work)).map((view) => {
    const rows = rowsOf(comparison, view).map((row) => cells(row, comparison));
    return `${view.title} (rounds: ${rounds})\n\n${table([HEAD, ...rows])}`;
  });
  const failed = [...failures.values()].map((text) => `- left out: ${text}`);
  return [title, ...views, ...(failed.length > 0 ? [failed.join('\n')] : [])].join('\n\n');
}

function cells(row: Row, comparison: Comparison): string[] {
  const { place, dataSet } = comparison;
  const { series, ratio, cpuSeconds, rssBytes } = row;
  const synced = place === 'disk' ? ' && sync' : '';
  // A moment inside a run moves no bytes of its own.
  const isMoment = cpuSeconds === undefined && rssBytes === undefined;
  const isScan = series.endsWith('/dry-run') || isMoment;
  return [
    `${TITLES[series] ?? series}${isScan ? '' : synced}`,
    ...[row.median, row.min, row.max].map((seconds) => seconds.toFixed(2)),
    isScan ? '' : (dataSet.bytes / MB / row.median).toFixed(0),
    ratio === undefined ? '' : `${ratio.toFixed(2)}×`,
    cpuSeconds === undefined ? '' : cpuSeconds.toFixed(2),
    rssBytes === undefined ? '' : (rssBytes / MiB).toFixed(0),
    goalsOf(row),
  ];
}

function goalsOf({ series, goal, rssBytes }: Row): string {
  const texts = goal ? [describeGoal(goal)] : [];
  if (series.startsWith('waybill') && rssBytes !== undefined) texts.push(rssGoal(rssBytes));
  return texts.join('; ');
}

export const rssGoal = (rssBytes: number): string =>
  `≤ ${RSS_GOAL / MiB} MiB ${rssBytes <= RSS_GOAL ? 'met' : '**missed**'}`;

/**
 * A Markdown table that can be read as it is; the first row is the head. The first columns and the last one
 * are text, the others are numbers.
 */
export function table(rows: string[][], textColumns = 1): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(3, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const isText = (at: number) => at < textColumns || at === widths.length - 1;
  const line = (row: string[]) =>
    `| ${row.map((cell, at) => (isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) => `${'-'.repeat(width - 1)}${isText(at) ? '-' : ':'}`);
  const [head = [], ...body] = rows;
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}
