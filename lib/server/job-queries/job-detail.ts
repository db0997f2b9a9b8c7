import { asc, eq } from 'drizzle-orm';
import type { AddressRow } from '../../api/schemas/address-schemas.ts';
import type { JobDetail, JobSummary } from '../../api/schemas/job-schemas.ts';
import { INCIDENTS } from '../../domain/incidents.ts';
import { missingFor } from '../../domain/irreversible.ts';
import { credentialsAvailable, offers } from '../../domain/lifecycle-decision.ts';
import {
  OPERATION_PRECONDITIONS,
  operationRule,
  operationStatuses,
} from '../../domain/operations.ts';
import { OPTION_RULES, volumeKindOf } from '../../domain/options.ts';
import type { Actor } from '../actors/actor.ts';
import { type ActorNames, actorNames } from '../actors/actor-names.ts';
import { getAddress } from '../addresses/addresses.ts';
import { operationNewsOf } from '../agent-events/operation-states.ts';
import { groupOf } from '../aws/aws-jobs.ts';
import type { Reader } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import type { Decision, Erasure } from '../db/schema/evidence.ts';
import { leases } from '../db/schema/leases.ts';
import { shipments } from '../db/schema/shipments.ts';
import { type EvidenceRow, evidenceRowOf, factsOf } from '../erasing/evidence.ts';
import { keyDestroyedAt } from '../erasing/key-destruction.ts';
import { incidentsOf } from '../incidents/incidents.ts';
import type { Job } from '../jobs/job.ts';
import { getStore } from '../stores/stores.ts';
import { historyOf } from './job-history.ts';
import type { ListedJob } from './list-jobs.ts';

/** Jobs as a list shows them. */
export async function summariesOf(db: Reader, jobs: readonly ListedJob[]): Promise<JobSummary[]> {
  const creators = jobs.map(({ createdBy }) => createdBy);
  const names = await actorNames(db, creators);
  return jobs.map((job) => summaryOf(job, names));
}

function summaryOf(job: ListedJob, names: ActorNames): JobSummary {
  const { seq, id, name, option, type, state, stateSince, copyPhase, outcome, incident } = job;
  const { sizeBytes, encrypted, storeId, bucket, prefix, deviceId, progress } = job;
  const { devicePrepared, sealed, reported, erased, createdBy, createdAt } = job;
  return {
    seq,
    id,
    name,
    option,
    type,
    state,
    stateSince,
    copyPhase,
    outcome,
    incident,
    sizeBytes,
    encrypted,
    storeId,
    bucket,
    prefix,
    deviceId,
    progress,
    devicePrepared,
    sealed,
    reported,
    erased,
    createdBy,
    createdAt,
    createdByName: names.of(createdBy),
    attention: incident !== null,
  };
}

/** A job with all its histories, and what the actor may do with it now. */
export async function detailOf(db: Reader, actor: Actor, job: Job, now: Date): Promise<JobDetail> {
  const facts = await factsOf(db, job, now);
  const kept = await evidenceRowOf(db, job.id);
  const { id, name, kind } = await getStore(db, job.storeId);
  const [device] =
    job.deviceId === null
      ? []
      : await db.select().from(devices).where(eq(devices.id, job.deviceId));
  const legs = await db
    .select()
    .from(shipments)
    .where(eq(shipments.jobId, job.id))
    .orderBy(asc(shipments.id));
  const troubles = await incidentsOf(db, job.id);
  const actors = [
    ...legs.map((leg) => leg.handedOverBy),
    ...troubles.map((row) => row.reportedBy),
    ...decidersOf(kept),
  ];
  const history = await historyOf(db, job, [job.createdBy, ...actors]);
  const [lease] = await db.select().from(leases).where(eq(leases.jobId, job.id));
  const { archive, rangeBegin, rangeEnd, volumeId, processing, processingResults } = job;
  const { includeReports, rangeSum } = job;
  const open = troubles.find(({ resolvedAt }) => resolvedAt === null);
  return {
    ...summaryOf({ ...job, incident: open?.kind ?? null }, history.names),
    archive,
    rangeBegin,
    rangeEnd,
    volumeId,
    processing,
    processingResults,
    includeReports,
    rangeSum,
    operations: operationStatuses(facts, await operationNewsOf(db, job.id)).map((status) => {
      const { preconditions, ...rule } = operationRule(status.operation);
      return {
        ...status,
        ...rule,
        preconditions: preconditions.map((name) => OPERATION_PRECONDITIONS[name]),
      };
    }),
    volumeKind: volumeKindOf(job.option, job.encrypted),
    shippingService: job.shippingService,
    notification: job.notification,
    group: await groupOf(db, job.id),
    device: device ?? null,
    address: job.addressId === null ? null : await addressRow(db, job.addressId),
    store: { id, name, kind },
    steps: history.steps,
    reveals: history.reveals,
    shipments: legs.map((leg) => ({
      ...leg,
      handedOverByName: history.names.of(leg.handedOverBy),
      scans: history.scansBetween(leg.shippedAt, leg.arrivedAt),
    })),
    incidents: troubles.map((incident) => {
      const { owner, next } = INCIDENTS[incident.kind];
      const reportedByName = history.names.of(incident.reportedBy);
      const resolution = history.resolutionOf(incident.kind, incident.resolvedAt);
      return { ...incident, reportedByName, resolution, owner, next };
    }),
    offers: offers(facts, actor),
    evidence: facts.evidence,
    retryRequested: kept.retryRequested,
    reportAttempts: kept.reportAttempts,
    decisions: decisionsOf(kept, history.names),
    keyDestroyedAt: await keyDestroyedAt(db, job.id),
    erasure: kept.erasure && erasureOf(kept.erasure, history.names),
    overwritePolicy: job.overwritePolicy,
    credentialsAvailable:
      credentialsAvailable(job) &&
      job.deviceId !== null &&
      missingFor('release-credentials', facts.evidence).length === 0,
    manageable: actor.channel === 'token' || OPTION_RULES[job.option].managedInConsole,
    seal: job.seal,
    report: job.report,
    lease:
      lease && lease.expiresMs > now.getTime()
        ? {
            work: lease.work,
            holder: lease.holder,
            until: new Date(lease.expiresMs).toISOString(),
          }
        : null,
  };
}

/** The decisions of people that acts which cannot be undone rest on, by whom by name. */
function decisionsOf(kept: EvidenceRow, names: ActorNames): JobDetail['decisions'] {
  const named = <T extends Decision>(decision: T | null): T | null =>
    decision && { ...decision, by: names.of(decision.by) };
  return {
    acceptedLosses: named(kept.acceptedLosses),
    restoreConfirmed: named(kept.restoreConfirmed),
    eraseAllowed: named(kept.eraseAllowed),
  };
}

function erasureOf(erasure: Erasure, names: ActorNames): JobDetail['erasure'] {
  const { unverified } = erasure;
  return {
    ...erasure,
    by: names.of(erasure.by),
    unverified: unverified && { ...unverified, by: names.of(unverified.by) },
  };
}

const decidersOf = (kept: EvidenceRow): string[] =>
  [kept.acceptedLosses, kept.restoreConfirmed, kept.eraseAllowed, kept.erasure].flatMap(
    (decision) => decision?.by ?? [],
  );

async function addressRow(db: Reader, id: string): Promise<AddressRow> {
  const { seq: _, ...address } = await getAddress(db, id);
  return address;
}
