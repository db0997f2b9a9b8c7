import { WaybillError } from '../domain/errors.ts';
import type { StepName } from '../domain/processing-steps.ts';

/** An object on its way through the steps. */
export interface FlowingObject {
  key: string;
  /** Undefined while it is not known. */
  bytes: number | undefined;
  mtimeNs: bigint;
  contentEncoding?: string | undefined;
  contentType?: string | undefined;
  /** A line about it for a list that is made of all objects: the key of that, and the line with its end. */
  listed?: { list: string; line: string } | undefined;
  /** Read once, to its end or not at all. */
  body: AsyncIterable<Uint8Array>;
}

/** One step, made ready for one thread. */
export interface RunningStep {
  /** What it makes of an object. The body of one output is read before the next output is asked for. */
  run(input: FlowingObject): AsyncIterable<FlowingObject>;
  close?(): Promise<void>;
}

/** A step could not do its work on an object. `log` is the end of what it said. */
export class StepFailure extends Error {
  readonly step: StepName;
  readonly log: string;

  constructor(step: StepName, message: string, log = '', options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StepFailure';
    this.step = step;
    this.log = log;
  }

  /** Message and log in one line, as reports carry them. */
  get detail(): string {
    const end = this.log.trim().slice(-LOG_SHOWN).replace(/\s+/g, ' ');
    return `${this.message.slice(0, LOG_SHOWN)}${end ? ` · log: ${end}` : ''}`;
  }
}

const LOG_SHOWN = 500;

/** What went wrong inside a step, as its failure; errors of the object itself, and stops, stay what they are. */
export function blame(step: StepName, error: unknown): unknown {
  if (error instanceof StepFailure || error instanceof WaybillError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StepFailure(step, message || 'it failed', '', { cause: error });
}
