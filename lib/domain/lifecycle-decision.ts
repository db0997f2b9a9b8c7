import { WaybillError } from './errors.ts';
import {
  ACTIONS,
  type Action,
  FINAL_STATES,
  familyOf,
  firstMissing,
  type LifecycleRow,
  rowsFrom,
} from './lifecycle.ts';
import { OPTION_RULES } from './options.ts';
import { permits } from './permissions.ts';
import { type JobFacts, type KnownFacts, PRECONDITIONS } from './preconditions.ts';
import type { ArchiveUnit, Channel, JobState, Option, Role } from './words.ts';

/** Who asks: the role, and the channel the request came by. */
export interface Asker {
  role: Role;
  channel: Channel;
}

/** An action as a person sees it: possible now, or what is in the way. */
export interface ActionOffer {
  action: Action;
  label: string;
  command: string;
  to: JobState;
  allowed: boolean;
  /** Why not, when it is not allowed. */
  reason?: string;
  /** Not for this role; else something is missing that can be mended. */
  forbidden?: boolean;
  fix?: string;
}

/** Every action that leaves the job's state, each with whether this asker may do it now and what is missing. */
export function offers(facts: KnownFacts, asker: Asker): ActionOffer[] {
  return rowsFrom(facts).map((row) => {
    const { label } = ACTIONS[row.action];
    const base = {
      action: row.action,
      label,
      command: actionCommand(row.action, facts.jobId),
      to: row.to,
    };
    try {
      checkRow(row, facts, asker);
      return { ...base, allowed: true };
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      const forbidden = error.code === 'Forbidden';
      return { ...base, allowed: false, reason: error.message, forbidden, fix: error.next };
    }
  });
}

/** The command line that does an action on a job. */
export function actionCommand(action: Action, jobId: string): string {
  return ACTIONS[action].command.replace('JOB', jobId);
}

/**
 * Decides one action. Returns the row to apply.
 * Throws InvalidJobState (with what is allowed now), Forbidden, NotManageableInConsole or PreconditionFailed.
 */
export function decide(facts: JobFacts, action: Action, asker: Asker): LifecycleRow {
  const possible = rowsFrom(facts);
  const row = possible.find((candidate) => candidate.action === action);
  if (!row) {
    throw new WaybillError('InvalidJobState', {
      action,
      state: facts.state,
      allowed:
        possible.map((candidate) => candidate.action).join(', ') || 'nothing, the job is finished',
    });
  }
  checkRow(row, facts, asker);
  return row;
}

/** Facility work on a disk job is facility work; what its owner does with it is not done in the console. */
function checkRow(row: LifecycleRow, facts: KnownFacts, asker: Asker): void {
  if (!permits(asker.role, row.permission)) {
    throw new WaybillError('Forbidden', { role: asker.role, permission: row.permission });
  }
  checkChannel(facts.option, asker.channel, actionCommand(row.action, facts.jobId));
  for (const name of row.requires) {
    const { holds, missing, fix } = PRECONDITIONS[name];
    if (!holds(facts))
      throw new WaybillError('PreconditionFailed', { action: row.action, missing, fix });
  }
  const first = row.act && firstMissing(row.act, facts);
  if (!first) return;
  const { missing, fix } = first;
  throw new WaybillError('PreconditionFailed', { action: row.action, missing, fix });
}

/** Refuses to manage a job from a browser session when its option is not managed there. Throws NotManageableInConsole. */
export function checkChannel(option: Option, channel: Channel, command: string): void {
  if (channel === 'browser' && !OPTION_RULES[option].managedInConsole) {
    throw new WaybillError('NotManageableInConsole', { command });
  }
}

/**
 * Manifest and unlock code exist while an appliance is at the site (AWS's rule); of a disk job from its creation to its
 * end. An archive of the whole device is as encrypted as the device was: what opens it stays.
 */
export function credentialsAvailable(
  facts: Pick<JobFacts, 'option' | 'state'> & { archive: ArchiveUnit },
): boolean {
  if (familyOf(facts.option) === 'appliance') return facts.state === 'at-site';
  if (facts.archive === 'device' && facts.state === 'completed') return true;
  return !FINAL_STATES.includes(facts.state);
}
