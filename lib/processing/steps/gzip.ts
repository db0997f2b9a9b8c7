import { createGunzip, createGzip } from 'node:zlib';
import type { CompiledStep } from '../compiled-plan.ts';
import type { FlowingObject, RunningStep } from '../object-stream.ts';
import { atMost, throughStream } from './streams.ts';

export function gzipStep(step: CompiledStep): RunningStep {
  return {
    async *run(input) {
      const body = throughStream(input.body, createGzip({ level: Number(step.plan.level) }));
      yield { ...input, key: step.nameOf(input.key), bytes: undefined, body };
    },
  };
}

/** Unpacks; several members one behind the other are one object (RFC 1952). */
export function gunzipStep(step: CompiledStep): RunningStep {
  return { run: (input) => unpacked(step, input) };
}

async function* unpacked(step: CompiledStep, input: FlowingObject): AsyncGenerator<FlowingObject> {
  const body = atMost(throughStream(input.body, createGunzip()), Number(step.plan.maxOutputBytes));
  const key = step.nameOf(input.key);
  yield { ...input, key, bytes: undefined, contentEncoding: undefined, body };
}
