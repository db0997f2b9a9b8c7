import { randomUUID } from 'node:crypto';
import { formatBytes } from '../../domain/sizes.ts';
import type { CompiledStep } from '../compiled-plan.ts';
import { type FlowingObject, type RunningStep, StepFailure } from '../object-stream.ts';
import { Spool } from '../spool.ts';
import { encodeFrame, FRAME, type Frame } from './function-frames.ts';
import { FunctionProcess } from './function-process.ts';
import { SITE_BUCKET, s3Event } from './s3-event.ts';

const FIRST_BYTES = 256 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const KEY_MAX = 1024;

interface Output {
  key: string;
  contentType?: string | undefined;
  contentEncoding?: string | undefined;
  spool: Spool;
}

/**
 * Calls a handler for every object, in a process that is kept warm for the next. What it puts is held back until it
 * has returned: of an invocation that fails, nothing comes out.
 */
export function functionStep(step: CompiledStep, allowed: { network: boolean }): RunningStep {
  const options = step.plan;
  const limits = {
    memoryMB: Number(options.memoryMB),
    timeoutMs: Number(options.timeoutMs),
    network: options.network === true && allowed.network,
  };
  let warm: FunctionProcess | undefined;
  const started = async (): Promise<FunctionProcess> => {
    if (warm?.isAlive) return warm;
    await warm?.stop();
    warm = new FunctionProcess(String(options.code), String(options.handler), limits);
    await warm.start();
    return warm;
  };
  const invoke = async (input: FlowingObject, object: Spool): Promise<Output[]> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await invokeOnce(await started(), step, input, object);
      } catch (error) {
        // What is left of a failed invocation must not meet the next one.
        await warm?.stop();
        warm = undefined;
        if (attempt >= Number(options.retries)) throw error;
      }
    }
  };
  return {
    async *run(input) {
      const object = new Spool();
      let outputs: Output[] = [];
      try {
        for await (const chunk of input.body) object.write(chunk);
        outputs = await invoke(input, object);
        for (const { key, contentType, contentEncoding, spool } of outputs) {
          const bytes = spool.bytes;
          const body = spool.body();
          const { mtimeNs } = input;
          yield {
            key: step.nameOf(input.key, key),
            bytes,
            mtimeNs,
            contentType,
            contentEncoding,
            body,
          };
        }
      } finally {
        object.close();
        for (const { spool } of outputs) spool.close();
      }
    },
    close: async () => warm?.stop(),
  };
}

/** Of a Date, in milliseconds: a file may be older, or of later. */
const DATE_MS_MAX = 8.64e15;
const dateMs = (timeNs: bigint): number =>
  Math.max(-DATE_MS_MAX, Math.min(DATE_MS_MAX, Number(timeNs / 1_000_000n)));

async function invokeOnce(
  process: FunctionProcess,
  step: CompiledStep,
  input: FlowingObject,
  object: Spool,
): Promise<Output[]> {
  const { plan } = step;
  const at = new Date(dateMs(input.mtimeNs)).toISOString();
  const head = Buffer.from(
    JSON.stringify({
      event: s3Event({ key: input.key, bytes: object.bytes, at }, SITE_BUCKET),
      context: {
        functionName: plan.handler,
        functionVersion: step.digest,
        awsRequestId: randomUUID(),
        memoryLimitInMB: String(plan.memoryMB),
        timeoutMs: plan.timeoutMs,
      },
      bytes: object.bytes,
      lastModified: at,
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  let sent = Math.min(FIRST_BYTES, object.bytes);
  const taken = new OutputTaker(Number(plan.maxOutputs), Number(plan.maxOutputBytes));
  try {
    await process.talk(encodeFrame(FRAME.invoke, length, head, object.slice(0, sent)), (frame) => {
      if (frame.kind === FRAME.done) return 'done';
      if (frame.kind === FRAME.read) {
        const chunk = object.slice(sent, Math.min(object.bytes, sent + CHUNK_BYTES));
        sent += chunk.length;
        process.send(encodeFrame(FRAME.chunk, chunk));
      } else taken.take(frame);
      return undefined;
    });
    return taken.finish();
  } catch (error) {
    taken.close();
    const message = error instanceof Error ? error.message : String(error);
    throw error instanceof StepFailure ? error : new StepFailure('function', message, process.log);
  }
}

/** Takes what a function puts, within its limits. Its frames are not trusted. */
class OutputTaker {
  readonly #outputs: Output[] = [];
  readonly #outputsMax: number;
  readonly #bytesMax: number;
  #open: Output | undefined;
  #bytes = 0;

  constructor(outputsMax: number, bytesMax: number) {
    this.#outputsMax = outputsMax;
    this.#bytesMax = bytesMax;
  }

  take({ kind, content }: Frame): void {
    if (kind === FRAME.put) this.#begin(content);
    else if (kind === FRAME.putData) this.#add(content);
    else if (kind === FRAME.putEnd && this.#open) this.#open = undefined;
    else throw new RangeError('it broke the protocol');
  }

  finish(): Output[] {
    if (this.#open) throw new RangeError('it returned before it had put all of an object');
    return this.#outputs;
  }

  close(): void {
    for (const { spool } of this.#outputs) spool.close();
  }

  #begin(content: Buffer): void {
    if (this.#open) throw new RangeError('it put two objects at the same time; await the first');
    if (this.#outputs.length >= this.#outputsMax)
      throw new RangeError(`it put more than ${this.#outputsMax} objects`);
    const { key, contentType, contentEncoding } = JSON.parse(content.toString()) as Record<
      string,
      unknown
    >;
    if (typeof key !== 'string' || key === '' || key.length > KEY_MAX)
      throw new RangeError('it put an object without a Key that can be used');
    if (this.#outputs.some((output) => output.key === key))
      throw new RangeError(`it put ${key} twice`);
    this.#open = {
      key,
      ...(typeof contentType === 'string' && { contentType: contentType.slice(0, 200) }),
      ...(typeof contentEncoding === 'string' && {
        contentEncoding: contentEncoding.slice(0, 100),
      }),
      spool: new Spool(),
    };
    this.#outputs.push(this.#open);
  }

  #add(content: Buffer): void {
    if (!this.#open) throw new RangeError('it broke the protocol');
    this.#bytes += content.length;
    if (this.#bytes > this.#bytesMax)
      throw new RangeError(`it put more than ${formatBytes(this.#bytesMax)}`);
    this.#open.spool.write(content);
  }
}
