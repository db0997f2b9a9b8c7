import { existsSync, mkdirSync } from 'node:fs';
import { processingLines } from '../../../agent/output/processing-lines.ts';
import { textOutput } from '../../../agent/output/text.ts';
import { EXIT, isWaybillError, WaybillError } from '../../domain/errors.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { formatBytes, formatDuration } from '../../domain/sizes.ts';
import { redact } from '../../keys/secrets.ts';
import { freePort, startConsole } from '../console/console-process.ts';
import { byHand, stopFacts } from './by-hand.ts';
import { collectSample } from './collect-sample.ts';
import { DEMO_HELP, type DemoOptions, demoOptions } from './options.ts';
import { stepsOf } from './steps.ts';
import { destinationOf, openWorld, readReport, theJob, type World } from './story.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Runs the demo. Returns the exit code: 0 only when every byte is proved (or the story was stopped on purpose). */
export async function demo(argv: string[]): Promise<number> {
  try {
    const options = demoOptions(argv);
    if (!options) {
      process.stdout.write(DEMO_HELP);
      return EXIT.done;
    }
    return await tell(options);
  } catch (error) {
    const known = isWaybillError(error)
      ? error
      : new WaybillError('Internal', { reference: redact(String(error)) });
    say(`error: ${known.message}\nhint: ${known.next}`);
    return known.exit;
  }
}

async function tell(options: DemoOptions): Promise<number> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  if (options.sampled && !existsSync(options.source)) collectSample(options.source);
  const port = await freePort();
  say(`Waybill demo: ${options.type} by ${options.option} of ${options.source}`);
  const context = await startConsole({
    host: '127.0.0.1',
    port,
    dataDir: options.dataDir,
    station: false,
    log: 'hide',
    env: { WAYBILL_LOG: 'error' },
  });
  say(`the console serves at ${context.url}`);
  const interrupted = () => process.exit(EXIT.interrupted);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    const progress = textOutput({
      out: (text) => process.stderr.write(text),
      talk: (text) => process.stderr.write(text),
      isTerminal: process.stderr.isTTY ?? false,
      columns: () => process.stderr.columns || 80,
      now: Date.now,
    });
    const world = await openWorld(options, context, progress.event);
    const seconds: Record<string, number> = {};
    const stopped = await walk(world, seconds);
    if (stopped) return goOnByHand(world, port);
    const { until } = options;
    if (until && until !== 'completed') say(`this story does not stop at ${until}; it went on`);
    return finish(world, seconds);
  } finally {
    await context.stop();
  }
}

/** Walks the steps; true when it stopped at the state that was asked for. */
async function walk(world: World, seconds: Record<string, number>): Promise<boolean> {
  const steps = stepsOf(world.options);
  for (const [i, { phase, title, run }] of steps.entries()) {
    const at = `[${String(i + 1).padStart(2)}/${steps.length}]`;
    say(`${at} ${title} …`);
    const startedAt = Date.now();
    const remark = await run(world);
    const ms = Date.now() - startedAt;
    seconds[phase] = Number(((seconds[phase] ?? 0) + ms / 1000).toFixed(3));
    const { state } = theJob(world);
    say(`${at} ${state}${remark ? `: ${remark}` : ''} (${formatDuration(ms)})`);
    const { until } = world.options;
    // The credentials of a stop at the site are part of it: what comes next needs them.
    const next = steps[i + 1];
    if (until === 'completed') continue;
    if (until === state && next?.phase !== 'credentials' && next?.phase !== phase) return true;
  }
  return false;
}

function goOnByHand(world: World, port: number): number {
  say(['', ...byHand(world, port)].join('\n'));
  if (world.options.json) writeJson(stopFacts(world, port));
  return EXIT.done;
}

function finish(world: World, secondsPerPhase: Record<string, number>): number {
  const { options, comparison, device, objects, bytes, failed } = world;
  const job = theJob(world);
  const report = readReport(world);
  const skipped = Number(report?.skipped ?? world.skipped);
  const mismatches = comparison?.mismatchCount ?? -1;
  const proved =
    mismatches === 0 && failed === 0 && comparison?.same === objects && job.state === 'completed';
  const destination = destinationOf(world);
  for (const path of comparison?.mismatches.slice(0, 20) ?? []) say(`  differs: ${path}`);
  say(
    [
      '',
      proved ? 'Every byte is proved.' : 'NOT proved: see above.',
      ...(job.processingResults ? processingLines(job.processingResults) : []),
      `  objects  ${objects}, ${formatBytes(bytes)} (${skipped} left out by rule, ${failed} failed)`,
      `  job      ${job.id}: ${job.state}, ${job.outcome}`,
      `  data     ${destination}`,
      `  device   ${device}`,
      `  report   ${world.report}`,
      `  console  npm start -- --data ${shellWord(options.dataDir)}   (${world.person.email}, password in ${world.person.passwordFile})`,
    ].join('\n'),
  );
  if (options.json) {
    const { id: jobId, state, outcome } = job;
    const result = { jobId, state, outcome, objects, bytes, skipped, mismatches, device };
    const processing = processingFacts(world);
    writeJson({ ...result, destination, report: world.report, ...processing, secondsPerPhase });
  }
  return proved ? EXIT.done : EXIT.problems;
}

/** What the steps did, and how many of the objects they made were found with their provenance. */
function processingFacts({ job, options, made, provenance }: World) {
  if (!options.plan) return {};
  const { originals, onFailure } = options.plan;
  return { processing: { originals, onFailure, made, provenance, ...job?.processingResults } };
}

const writeJson = (value: object): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};
