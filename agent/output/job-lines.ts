import type { JobDetail, JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { INCIDENT_OWNERS } from '../../lib/domain/incidents.ts';
import { missingAtHand, remarksAtHand } from '../../lib/domain/irreversible.ts';
import { nextStepOf } from '../../lib/domain/next-step.ts';
import { ASKS, DOERS } from '../../lib/domain/next-step-words.ts';
import { OVERWRITE_WORDS } from '../../lib/domain/overwriting.ts';
import { describePlan } from '../../lib/domain/processing.ts';
import { progressStatusOf } from '../../lib/domain/progress.ts';
import { fitsOneDevice, partsWords } from '../../lib/domain/range-sum.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { compareSeals, describeSeals, sealsAgree } from '../../lib/domain/tamper-seals.ts';
import { processingLines } from './processing-lines.ts';
import { pairs, plain, table } from './table.ts';

/** Jobs as a table. */
export function jobTable(jobs: readonly JobSummary[]): string[] {
  const rows = jobs.map((job) => [
    job.id,
    job.name,
    job.option,
    job.type,
    formatBytes(job.sizeBytes),
    stateOf(job),
    job.deviceId ?? '-',
  ]);
  return table(['JOB', 'NAME', 'OPTION', 'TYPE', 'SIZE', 'STATE', 'DEVICE'], rows);
}

/** A job for people: what it is, where it is, and what is possible now. */
export function jobLines(job: JobDetail): string[] {
  return [
    ...pairs([
      ['job', job.id],
      ['name', job.name],
      ['kind', `${job.option} ${job.type}, ${formatBytes(job.sizeBytes)}`],
      ['encryption', job.encrypted ? 'on' : 'off'],
      ['store', `${job.store.id} (${job.store.kind}), bucket ${job.bucket}`],
      ['prefix', job.prefix],
      ['archive', job.archive === 'device' ? 'the whole device' : null],
      ['existing objects', job.type === 'import' ? OVERWRITE_WORDS[job.overwritePolicy] : null],
      ['keys', rangeOf(job)],
      ['range holds', sumOf(job)],
      ['state', `${stateOf(job)}, since ${job.stateSince}`],
      ['device', job.deviceId ? deviceOf(job) : 'none yet'],
      ['copy', job.copyPhase === 'not-started' ? null : job.copyPhase],
      ['progress', progressOf(job)],
      ['seal', job.seal && `${job.seal.objects} objects, ${formatBytes(job.seal.bytes)}`],
      ['station', job.lease && `${job.lease.work} by ${job.lease.holder} until ${job.lease.until}`],
    ]),
    ...section('next step', nextStepLines(job)),
    ...section('processing steps', stepLines(job)),
    ...section('shipments', shipmentLines(job)),
    ...section('incidents', incidentLines(job)),
    ...section('before it is erased', erasingLines(job)),
    ...section('possible now', offerLines(job)),
  ];
}

/** What has to happen now, by whom and why. */
function nextStepLines(job: JobDetail): string[] {
  const step = nextStepOf(job);
  if (!step) return [];
  const { what, who, why, asks } = step;
  const command = asks && ASKS[asks].command.replace('JOB', job.id);
  return [
    plain(who === 'nobody' ? what : `${what} (${DOERS[who]})`),
    `  ${plain(why)}`,
    ...(command ? [`  ${plain(command)}`] : []),
  ];
}

const stateOf = (job: JobSummary): string =>
  [job.state, job.outcome, job.attention ? 'needs attention' : null].filter(Boolean).join(', ');

const deviceOf = (job: JobDetail): string =>
  [
    job.deviceId,
    job.device?.measure?.simulated ? 'simulated' : null,
    job.device?.state,
    job.devicePrepared ? 'prepared' : null,
  ]
    .filter(Boolean)
    .join(', ');

function rangeOf({ rangeBegin, rangeEnd }: JobDetail): string | null {
  if (rangeBegin === null && rangeEnd === null) return null;
  return `from ${rangeBegin ?? 'the first'} to ${rangeEnd ?? 'the last'}`;
}

function sumOf({ rangeSum, sizeBytes }: JobDetail): string | null {
  if (!rangeSum) return null;
  const holds = `${rangeSum.objects} objects, ${formatBytes(rangeSum.bytes)}`;
  if (fitsOneDevice(rangeSum, sizeBytes)) return holds;
  return `${holds}: too much for one device; parts: ${partsWords(rangeSum.parts)}`;
}

function progressOf({ progress }: JobDetail): string | null {
  if (!progress) return null;
  const { phase, objects, totalObjects, bytes, totalBytes, failed } = progress;
  // Recovery data has bytes only.
  const counted = totalObjects === 0 && objects === 0 ? '' : `${objects}/${totalObjects} objects, `;
  const amounts = `${counted}${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  const { percent } = progressStatusOf(progress, [], 0);
  const share = percent === undefined ? '' : `${percent} %, `;
  return `${phase}: ${share}${amounts}${failed > 0 ? `, ${failed} failed` : ''} (${progress.at})`;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** The steps of a job and, once the agent told, what they did. */
function stepLines({ processing, processingResults }: JobDetail): string[] {
  const steps = processing ? describePlan(processing).map(plain) : [];
  return [...steps, ...(processingResults ? processingLines(processingResults) : [])];
}

function shipmentLines({ shipments }: JobDetail): string[] {
  if (shipments.length === 0) return [];
  const rows = shipments.map((s) => [
    s.leg,
    [s.carrier, s.service].filter(Boolean).join(' '),
    s.trackingNumber || '-',
    s.sealNumbers.join(' ') || '-',
    s.shippedAt,
    s.arrivedAt ?? 'on its way',
    s.arrivedAt ? sealsOnArrival(s) : '',
  ]);
  return table(
    ['LEG', 'CARRIER', 'TRACKING', 'SEALS', 'SHIPPED', 'ARRIVED', 'SEALS ON ARRIVAL'],
    rows,
  );
}

/** What is missing before the device can be erased, what people decided, and how it was erased. */
function erasingLines(job: JobDetail): string[] {
  const { decisions, erasure } = job;
  const { acceptedLosses, restoreConfirmed, eraseAllowed } = decisions;
  const decisionLines = (
    what: string,
    decision: { at: string; by: string; note: string } | null,
  ) => (decision ? [plain(`${what} by ${decision.by} (${decision.at}): ${decision.note}`)] : []);
  const decided = [
    ...decisionLines(`loss of ${acceptedLosses?.objects} objects accepted`, acceptedLosses),
    ...decisionLines('restore confirmed', restoreConfirmed),
    ...decisionLines('erasing without verification allowed', eraseAllowed),
  ];
  if (erasure) {
    const verified = erasure.verified ? 'verified' : 'not verified';
    return [...decided, plain(`erased ${erasure.at}, ${verified}: ${erasure.method}`)];
  }
  return [...decided, ...missingLines(job)];
}

/** Told once the device is back: until then everything is missing. */
function missingLines({ evidence }: JobDetail): string[] {
  const remarks = remarksAtHand(evidence).map(({ missing, fix }) => ({
    missing: `remark: ${missing}`,
    fix,
  }));
  const all = [...missingAtHand(evidence), ...remarks];
  return all.flatMap(({ missing, fix }) => [plain(missing), `  ${plain(fix)}`]);
}

/** How the tamper seals of the last arrival compare. */
export function sealWords({ id, evidence, shipments }: JobDetail): string {
  const last = shipments.findLast(({ arrivedAt }) => arrivedAt !== null);
  const [first] = evidence.uncomparedSeals;
  if (first !== undefined)
    return plain(
      `tamper seals not compared; it left with ${evidence.uncomparedSeals.join(', ')}: waybill job seals ${id} --seal NUMBER`,
    );
  if (!last?.arrivalSeals) return 'tamper seals not compared';
  const comparison = compareSeals(last.sealNumbers, last.arrivalSeals);
  return `tamper seals ${sealsAgree(comparison) ? '' : 'differ: '}${describeSeals(comparison)}`;
}

function sealsOnArrival({ sealNumbers, arrivalSeals }: JobDetail['shipments'][number]): string {
  return arrivalSeals ? describeSeals(compareSeals(sealNumbers, arrivalSeals)) : 'not compared';
}

function incidentLines({ incidents }: JobDetail): string[] {
  return incidents.flatMap((incident) => {
    const note = incident.note ? `: ${incident.note}` : '';
    const head = plain(`${incident.kind}${note} (${incident.openedAt})`);
    if (incident.resolvedAt) return [`${head}, resolved ${incident.resolvedAt}`];
    return [`${head}, open`, `  ${plain(`${INCIDENT_OWNERS[incident.owner]}: ${incident.next}`)}`];
  });
}

function offerLines({ offers }: JobDetail): string[] {
  // What the role may never do is not possible, now or later.
  const own = offers.filter(({ forbidden }) => !forbidden);
  return own.flatMap((offer) => {
    if (offer.allowed) return [plain(`${offer.label}: ${offer.command}`)];
    return [
      plain(`${offer.label}: not now, ${offer.reason ?? 'refused'}`),
      ...(offer.fix ? [`  ${plain(offer.fix)}`] : []),
    ];
  });
}
