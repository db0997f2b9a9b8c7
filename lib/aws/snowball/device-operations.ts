import { requireReleased } from '../../domain/shipments.ts';
import { authorize } from '../../server/actors/actor.ts';
import { announceManifestLink, revealUnlockCode } from '../../server/credentials/manifests.ts';
import { act } from '../../server/lifecycle/transitions.ts';
import { makeLink } from '../links.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall, SnowballOperation } from './call.ts';
import { changes, reads, reveals } from './call.ts';
import { deviceJobOf, idOf } from './job-operations.ts';

async function getJobManifest(call: SnowballCall): Promise<Members> {
  const { context, actor, now } = call;
  const { job } = await deviceJobOf(context.db.read, idOf(call));
  const { url, until } = makeLink(context, actor, { kind: 'manifest', jobId: job.id }, now);
  await announceManifestLink(context, actor, { jobId: job.id, until }, now);
  return { ManifestURI: url };
}

async function getJobUnlockCode(call: SnowballCall): Promise<Members> {
  const { context, actor, now } = call;
  const { job } = await deviceJobOf(context.db.read, idOf(call));
  return { UnlockCode: await revealUnlockCode(context, actor, job.id, now) };
}

/** What the customer states of the device, and the action of the lifecycle that it is. */
const SHIPMENT_ACTIONS = { RECEIVED: 'deliver', RETURNED: 'ship-to-facility' } as const;

async function updateJobShipmentState(call: SnowballCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const { job } = await deviceJobOf(context.db.read, idOf(call));
  const state = input.ShipmentState as keyof typeof SHIPMENT_ACTIONS;
  await act(context.db, actor, { jobId: job.id, action: SHIPMENT_ACTIONS[state] }, now);
  return {};
}

/** The agent is the software of a device; it is offered to anyone, without an end. */
async function getSoftwareUpdates(call: SnowballCall): Promise<Members> {
  const { context, actor } = call;
  const { job } = await deviceJobOf(context.db.read, idOf(call));
  authorize(actor, 'job.read', job.id);
  return { UpdatesURI: `${context.config.publicUrl}/api/v1/agent/waybill.mjs` };
}

/**
 * The label of the way back is printed whenever it is asked for: there is nothing to wait for, and none that
 * exists already. Throws LabelNotReleased before the volume is sealed.
 */
async function createReturnShippingLabel(call: SnowballCall): Promise<Members> {
  await returnOf(call);
  return { Status: 'Succeeded' };
}

async function describeReturnShippingLabel(call: SnowballCall): Promise<Members> {
  const jobId = await returnOf(call);
  const { url, until } = makeLink(call.context, call.actor, { kind: 'label', jobId }, call.now);
  return { Status: 'Succeeded', ReturnShippingLabelURI: url, ExpirationDate: until };
}

/** The job whose device may go back. Throws NotFound, Forbidden, PreconditionFailed, LabelNotReleased. */
async function returnOf(call: SnowballCall): Promise<string> {
  const { context, actor } = call;
  const { job } = await deviceJobOf(context.db.read, idOf(call));
  authorize(actor, 'job.labels', job.id);
  requireReleased(job, 'to-facility');
  return job.id;
}

/** What concerns the device of a job. */
export const deviceOperations = {
  GetJobManifest: reveals(getJobManifest),
  GetJobUnlockCode: reveals(getJobUnlockCode),
  CreateReturnShippingLabel: changes(createReturnShippingLabel),
  DescribeReturnShippingLabel: reads(describeReturnShippingLabel),
  GetSoftwareUpdates: reads(getSoftwareUpdates),
  UpdateJobShipmentState: changes(updateJobShipmentState),
} satisfies Record<string, SnowballOperation>;
