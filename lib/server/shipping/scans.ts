import { WaybillError } from '../../domain/errors.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import { requireReleased, travels } from '../../domain/shipments.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { publishEvent } from '../events/publish.ts';
import { getJob } from '../jobs/job.ts';
import { labelCode } from './shipping-papers.ts';

/** Notes where a device was seen on its way. Throws NotFound, InvalidJobState, NotManageableInConsole, Forbidden. */
export async function addScan(
  db: ConsoleDatabase,
  actor: Actor,
  request: { jobId: string; place: string; note: string },
  now: Date,
): Promise<void> {
  const { jobId, place, note } = request;
  authorize(actor, 'job.incident', jobId);
  await db.transaction(async (tx) => {
    const job = await getJob(tx, jobId);
    checkChannel(job.option, actor.channel, `waybill job scan ${jobId} PLACE`);
    if (!travels(job.state)) {
      const allowed = 'only while the device travels';
      throw new WaybillError('InvalidJobState', { action: 'scan', state: job.state, allowed });
    }
    const event = { jobId, deviceId: job.deviceId ?? undefined, detail: { place, note } };
    await appendCustody(tx, actor, { kind: 'shipment.scan', ...event }, now);
    await publishEvent(tx, { jobId, kind: 'shipment', detail: { place } }, now);
  });
}

/** The return label of an import, once its volume is sealed. Throws NotFound, LabelNotReleased, Forbidden. */
export async function returnLabel(
  { db, config }: Pick<ServerContext, 'db' | 'config'>,
  actor: Actor,
  jobId: string,
) {
  authorize(actor, 'job.handle-at-site', jobId);
  const job = await getJob(db.read, jobId);
  requireReleased(job, 'to-facility');
  const { deviceId, volumeId, seal } = job;
  return {
    jobId,
    deviceId,
    volumeId,
    from: 'site',
    to: `facility of ${config.publicUrl}`,
    sealDigest: seal?.sealDigest ?? null,
    code: labelCode(job),
  };
}
