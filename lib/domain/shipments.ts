import { DEVICE_STATE_AT } from './devices.ts';
import { WaybillError } from './errors.ts';
import type { Action } from './lifecycle.ts';
import { OPTION_RULES } from './options.ts';
import type { JobState, JobType, Leg, Option, ShippingService } from './words.ts';

/** How fast a job asks its device to travel; a carrier's own name for it may be given when it is shipped. */
export const SHIPPING_SERVICE_LABELS: Record<ShippingService, string> = {
  standard: 'Standard',
  express: 'Express',
  'second-day': 'Second day',
  'next-day': 'Next day',
};

/** The leg that an action begins: it hands the device to a carrier. */
export const LEG_OF: Partial<Record<Action, Leg>> = {
  'ship-to-site': 'to-site',
  return: 'to-site',
  'ship-to-facility': 'to-facility',
};

/** The actions that end the leg under way. */
export const ARRIVALS: readonly Action[] = ['deliver', 'receive'];

/** Whether the device is on its way while its job is in a state. */
export const travels = (state: JobState): boolean => DEVICE_STATE_AT[state] === 'in-transit';

/** The legs of a job, in the order in which the device travels them. */
export const legsOf = (option: Option): readonly Leg[] =>
  OPTION_RULES[option].deviceShipsFirst ? ['to-site', 'to-facility'] : ['to-facility', 'to-site'];

interface PaperJob {
  type: JobType;
  sealed: boolean;
  deviceId: string | null;
}

/**
 * Whether a leg's label and packing slip may be had: the device is known, and on the way to the facility an import's
 * volume is sealed (AWS's rule). Throws PreconditionFailed, LabelNotReleased.
 */
export function requireReleased<T extends PaperJob>(
  job: T,
  leg: Leg,
): asserts job is T & { deviceId: string } {
  const refusal = paperRefusal(job, leg);
  if (refusal) throw refusal;
}

/** Why a leg's papers may not be had yet; undefined when they may. */
export function paperRefusal(job: PaperJob, leg: Leg): WaybillError | undefined {
  if (leg === 'to-facility' && job.type === 'import' && !job.sealed)
    return new WaybillError('LabelNotReleased');
  if (job.deviceId !== null) return undefined;
  return new WaybillError('PreconditionFailed', {
    action: 'printing a label',
    missing: 'no device is assigned',
    fix: 'assign one: waybill station prepare',
  });
}
