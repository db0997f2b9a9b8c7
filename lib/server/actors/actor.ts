import { WaybillError } from '../../domain/errors.ts';
import { type Permission, requirePermission } from '../../domain/permissions.ts';
import type { Channel, Role } from '../../domain/words.ts';

/** Who asks. `id` is "person:<id>", "job:<id>", "station:<name>" or "system". */
export interface Actor {
  id: string;
  role: Role;
  channel: Channel;
  /** A job-scoped token reaches this job and nothing else. */
  jobId?: string;
  /** The token it came with. */
  tokenId?: string;
  /** The browser session it came with. */
  sessionId?: string;
}

/** Throws Forbidden, or OutOfScope for a job's token at another job. */
export function authorize(actor: Actor, permission: Permission, jobId?: string): void {
  requirePermission(actor.role, permission);
  if (actor.jobId !== undefined && actor.jobId !== jobId) {
    throw new WaybillError('OutOfScope', { jobId: actor.jobId });
  }
}

export const SYSTEM: Actor = { id: 'system', role: 'admin', channel: 'token' };
