import { type OperationNews, operationRule, waitsOf } from '../../lib/domain/operations.ts';
import { formatDuration } from '../../lib/domain/sizes.ts';
import { isSealed, readLabel } from '../../lib/volume/label.ts';
import { type Context, type Finished, stateDir } from '../host/context.ts';
import { readNews } from '../host/operation.ts';
import { jobsOfHost, waitingJobs } from './sync.ts';

/** Says whose a device is and whether it is sealed, and what of this host waits to be sent; needs no credentials. */
export async function status(
  options: { device?: string; state?: string },
  { output }: Context,
): Promise<Finished> {
  const waiting = waitingJobs(options.state).map(({ jobId, outbox }) => ({
    jobId,
    waiting: outbox.count(),
  }));
  const jobs = jobsOfHost(options.state)
    .map((jobId) => ({ jobId, operations: readNews(stateDir(jobId, options.state)) }))
    .filter(({ operations }) => operations.length > 0);
  const device = options.device === undefined ? undefined : deviceStatus(options.device);
  output.result({
    facts: { ...device?.facts, outbox: waiting, jobs: jobs.map(jobFacts) },
    lines: [
      ...(device?.lines ?? []),
      ...jobs.flatMap(({ jobId, operations }) => [jobId, ...operations.map(operationLine)]),
      ...(waiting.length === 0 && !device ? ['nothing waits to be sent'] : []),
      ...waiting.map(({ jobId, waiting }) => `${jobId}  ${waiting} to send: waybill sync`),
    ],
  });
  return 0;
}

const jobFacts = ({ jobId, operations }: { jobId: string; operations: OperationNews[] }) => ({
  jobId,
  operations: operations.map((news) => ({ ...news, rule: operationRule(news.operation) })),
});

/** An operation with its row of the table: how it stands, what it waits for, how it is tried. */
function operationLine(news: OperationNews): string {
  const { operation, state, attempt, retryAt, message } = news;
  const { attemptTimeoutMs, maximumRetries, retryDelayMs } = operationRule(operation);
  const words = [
    `attempt ${attempt} of ${maximumRetries + 1}`,
    `given up after ${formatDuration(attemptTimeoutMs)} without progress`,
    `tried again after ${formatDuration(retryDelayMs)}`,
  ];
  const why = state === 'waiting' ? waitsOf(news) : state === 'failed' ? message : undefined;
  const next = state === 'waiting' && retryAt ? `; next at ${retryAt}` : '';
  const what = `  ${operation.padEnd(8)}${state}${why ? `: ${why}${next}` : ''}`;
  return state === 'done' ? what : `${what} (${words.join(', ')})`;
}

function deviceStatus(path: string) {
  const label = readLabel(path);
  const sealed = isSealed(path);
  return {
    facts: { ...label, sealed },
    lines: [
      `device  ${label.deviceId}`,
      `job     ${label.jobId}`,
      `option  ${label.option}`,
      `volume  ${label.volumeId} (${label.kind})`,
      `sealed  ${sealed ? 'yes' : 'no'}`,
    ],
  };
}
