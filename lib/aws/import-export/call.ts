import type { Actor } from '../../server/actors/actor.ts';
import type { ServerContext } from '../../server/context/server-context.ts';
import type { Members } from '../model/service-model.ts';

/** What an operation of Import/Export is given; the input has been checked against the model. */
export interface DiskCall {
  context: ServerContext;
  actor: Actor;
  /** The key that signed the request. */
  keyId: string;
  input: Members;
  now: Date;
}

export interface DiskOperation {
  /** It changes something: its signature is good once. */
  once: boolean;
  run(call: DiskCall): Promise<Members>;
}
