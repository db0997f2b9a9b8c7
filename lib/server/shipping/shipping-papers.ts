import { and, desc, eq } from 'drizzle-orm';
import { addressLines } from '../../domain/addresses.ts';
import { OPTION_RULES, volumeKindOf } from '../../domain/options.ts';
import { requireReleased } from '../../domain/shipments.ts';
import { formatBytes } from '../../domain/sizes.ts';
import type { Leg } from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { destinationOf } from '../addresses/facility-address.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { Reader } from '../db/database.ts';
import { shipments } from '../db/schema/shipments.ts';
import { getDevice } from '../devices/assign-device.ts';
import { getJob, type Job } from '../jobs/job.ts';
import { drawPackingSlip } from '../papers/packing-slip.ts';
import { A4_SIZE, drawPaper, LABEL_SIZE } from '../papers/page.ts';
import { drawLabel, LEG_TITLES, type PaperFacts } from '../papers/shipping-label.ts';

/** Papers of a shipment leg. */
export const PAPERS = {
  label: { title: 'Label', size: LABEL_SIZE, draw: drawLabel },
  'packing-slip': { title: 'Packing slip', size: A4_SIZE, draw: drawPackingSlip },
} as const;
export type PaperKind = keyof typeof PAPERS;

/** What a scanner reads from a label. */
export const labelCode = (job: { id: string; deviceId: string | null }): string =>
  `WAYBILL:${job.id}:${job.deviceId ?? ''}`;

/** A leg's label (4 × 6 inches) or packing slip (A4) as PDF, for whom may have it. Throws NotFound, PreconditionFailed, LabelNotReleased, Forbidden. */
export async function paperOf(
  context: Pick<ServerContext, 'db' | 'config'>,
  actor: Actor,
  request: { jobId: string; kind: PaperKind; leg: Leg },
  now: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const { jobId, kind, leg } = request;
  authorize(actor, 'job.labels', jobId);
  return renderPaper(context, await getJob(context.db.read, jobId), { kind, leg }, now);
}

/** A leg's paper as PDF. Throws PreconditionFailed, LabelNotReleased. */
export async function renderPaper(
  { db, config }: Pick<ServerContext, 'db' | 'config'>,
  job: Job,
  { kind, leg }: { kind: PaperKind; leg: Leg },
  now: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const facts = await paperFacts(db.read, job, leg);
  const { title, size, draw } = PAPERS[kind];
  const named = { title: `${title}: ${job.name} (${LEG_TITLES[leg].toLowerCase()})` };
  return drawPaper({ ...named, size, fonts: config.fontsFolder, now }, (paper) =>
    draw(paper, facts),
  );
}

/** What stands on a leg's papers. A leg that has not started has neither carrier nor tamper seals yet. */
export async function paperFacts(db: Reader, job: Job, leg: Leg): Promise<PaperFacts> {
  requireReleased(job, leg);
  const [shipment] = await db
    .select()
    .from(shipments)
    .where(and(eq(shipments.jobId, job.id), eq(shipments.leg, leg)))
    .orderBy(desc(shipments.id))
    .limit(1);
  const { addressId } = job;
  const isSimulated = (await getDevice(db, job.deviceId)).measure?.simulated === true;
  const other = leg === 'to-site' ? 'to-facility' : 'to-site';
  const from = await destinationOf(db, { leg: other, addressId });
  const to = shipment?.destination ?? (await destinationOf(db, { leg, addressId }));
  return {
    leg,
    jobId: job.id,
    jobName: job.name,
    deviceId: job.deviceId,
    kind: `${OPTION_RULES[job.option].label}, ${job.type}`,
    deviceSize: `${formatBytes(job.sizeBytes)}${isSimulated ? ' (simulated)' : ''}`,
    volume:
      volumeKindOf(job.option, job.encrypted) === 'sealed' ? 'encrypted' : 'plain (BagIt bag)',
    from: from ? addressLines(from) : [],
    to: to ? addressLines(to) : [],
    carrier: shipment?.carrier ?? '',
    service: shipment?.service ?? '',
    trackingNumber: shipment?.trackingNumber ?? '',
    sealNumbers: shipment?.sealNumbers ?? [],
    sealDigest: job.seal?.sealDigest ?? '',
    code: labelCode(job),
  };
}
