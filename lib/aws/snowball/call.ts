import type { Actor } from '../../server/actors/actor.ts';
import type { ServerContext } from '../../server/context/server-context.ts';
import type { Members } from '../model/service-model.ts';

/** What an operation is given; the input has been checked against the model. */
export interface SnowballCall {
  context: ServerContext;
  actor: Actor;
  input: Members;
  now: Date;
}

/** One operation of the API. */
export interface SnowballOperation {
  /** It changes something: its signature is good once, where replays are refused. */
  once: boolean;
  /** It tells a secret: its signature is good once. */
  tellsSecret?: boolean;
  run(call: SnowballCall): Promise<Members>;
}

export const reads = (run: SnowballOperation['run']): SnowballOperation => ({ once: false, run });
export const changes = (run: SnowballOperation['run']): SnowballOperation => ({ once: true, run });
export const reveals = (run: SnowballOperation['run']): SnowballOperation => ({
  once: true,
  tellsSecret: true,
  run,
});
