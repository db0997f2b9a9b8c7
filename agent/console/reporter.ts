import { createClient } from '../../lib/api/client.ts';
import type { AgentEvent } from '../../lib/api/schemas/work-schemas.ts';
import { isWaybillError } from '../../lib/domain/errors.ts';
import type { OperationNews } from '../../lib/domain/operations.ts';
import type { ProcessingResults } from '../../lib/domain/processing-results.ts';
import type { CopyPhase } from '../../lib/domain/words.ts';
import type { TransferEvent } from '../../lib/transfer/progress/progress.ts';
import type { Context } from '../host/context.ts';
import type { OperationHost } from '../host/operation.ts';
import type { Output } from '../output/output.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import { type Send, type Sender, startSender } from './outbox-sender.ts';

type Told = AgentEvent['event'];

/** What may wait for the console: an event of the copy, or the receipt of a seal (DER, base64). */
export type Message = { kind: 'event'; event: Told } | { kind: 'receipt'; der: string };

/** How the console is reached for one job. */
export interface JobConsole {
  url: string;
  token: string;
  jobId: string;
}

/** Tells the console how the work on a job goes. Never fails and never holds up the work. */
export interface Reporter {
  /** For `onEvent` of a transfer: shows the event and, now and then, tells it. */
  onEvent: (event: TransferEvent) => void;
  phase(phase: CopyPhase): void;
  /** What the steps of a load did. */
  processing(results: ProcessingResults): void;
  /** How an operation goes. */
  operation(news: OperationNews): void;
  receipt(der: Uint8Array): void;
  /** The work failed, or was interrupted. */
  ended(work: Extract<Told, { kind: 'failure' }>['work'], error: unknown): void;
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>;
}

const PROGRESS_EVERY_MS = 2000;
const CLOSE_WITHIN_MS = 5000;

/** Opens the outbox of a job and sends from it in the background; without a console it only shows events. */
export function openReporter(
  stateDir: string,
  console: JobConsole | undefined,
  output: Output,
): Reporter {
  if (!console) return silentReporter(output);
  const outbox = openOutbox<Message>(stateDir);
  const sender = startSender(outbox, sendTo(console), (error) => {
    const why = isWaybillError(error) ? error.message : 'it cannot be told now';
    output.note(`note: ${why}; what it should know waits for: waybill sync`);
  });
  return reporting(outbox, sender, output);
}

function reporting(outbox: Outbox<Message>, sender: Sender, output: Output): Reporter {
  let sentAt = 0;
  let isKept = true;
  const keep = (message: Message, replaces?: string) => {
    try {
      outbox.add(message, replaces);
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      if (isKept) output.note(`note: the console is not told how this goes: ${error.message}`);
      isKept = false;
    }
    sender.wake();
  };
  const send = (event: Told, replaces?: string) => keep({ kind: 'event', event }, replaces);
  let last: Extract<TransferEvent, { kind: 'progress' }> | undefined;
  const sendProgress = () => {
    if (last) send({ ...last }, 'progress');
    last = undefined;
    sentAt = Date.now();
  };
  return {
    onEvent(event) {
      output.event(event);
      if (event.kind !== 'progress') return;
      last = event;
      if (Date.now() - sentAt >= PROGRESS_EVERY_MS) sendProgress();
    },
    phase(phase) {
      sendProgress();
      send({ kind: 'copy-phase', phase });
    },
    processing(results) {
      send({ kind: 'processing', results }, 'processing');
    },
    operation(news) {
      send({ kind: 'operation', news }, `operation-${news.operation}`);
    },
    receipt(der) {
      sendProgress();
      keep({ kind: 'receipt', der: Buffer.from(der).toString('base64') });
    },
    ended(work, error) {
      sendProgress();
      if (error instanceof Error && error.name === 'AbortError') {
        if (work === 'copy') send({ kind: 'copy-phase', phase: 'paused' });
      } else if (isWaybillError(error)) {
        const { code, message } = error;
        send({ kind: 'failure', work, code, message: message.slice(0, 500) });
      }
    },
    async close() {
      sendProgress();
      await sender.stop(CLOSE_WITHIN_MS);
    },
  };
}

function silentReporter(output: Output): Reporter {
  const nothing = () => undefined;
  return {
    onEvent: output.event,
    phase: nothing,
    processing: nothing,
    operation: nothing,
    receipt: nothing,
    ended: nothing,
    close: async () => undefined,
  };
}

/** Sends a message by the API of the console. */
export function sendTo({ url, token, jobId }: JobConsole): Send<Message> {
  const client = createClient({ baseUrl: url, token });
  const params = { jobId };
  return async ({ id, at, event: message }, signal) => {
    if (message.kind === 'receipt') {
      const body = new Uint8Array(Buffer.from(message.der, 'base64'));
      await client.call('putSealReceipt', { params, body, signal });
      return;
    }
    await client.call('sendEvent', { params, body: { id, at, event: message.event }, signal });
  };
}

/** The console that a manifest names, reached with the token in it. */
export function consoleOfManifest(credentials: {
  payload: { consoleUrl: string | null; jobId: string };
  secrets: { jobToken: string | null };
}): JobConsole | undefined {
  const { consoleUrl, jobId } = credentials.payload;
  const { jobToken } = credentials.secrets;
  return consoleUrl !== null && jobToken !== null
    ? { url: consoleUrl, token: jobToken, jobId }
    : undefined;
}

/** What operations of a job need to be told and shown. */
export const operationHost = (
  reporter: Reporter,
  { output, signal, wait }: Context & Pick<OperationHost, 'wait'>,
  stateDir: string,
): OperationHost => ({
  stateDir,
  signal,
  onEvent: reporter.onEvent,
  note: output.note,
  report: reporter.operation,
  wait,
});

/** Runs work while the console is told how it goes. */
export async function reported<T>(
  reporter: Reporter,
  work: Extract<Told, { kind: 'failure' }>['work'],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isRefusal(error)) reporter.ended(work, error);
    throw error;
  } finally {
    await reporter.close();
  }
}

/** Nothing went wrong with the job when the command was only used at a wrong moment. */
const isRefusal = (error: unknown): boolean =>
  isWaybillError(
    error,
    ...(['DeviceLocked', 'VolumeSealed', 'Usage', 'AlreadyClaimed', 'LeaseLost'] as const),
    'InvalidJobState',
  );
