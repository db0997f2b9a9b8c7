import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type DigestShared, serveDigests } from './checksums/digest-thread.ts';
import { taskKind } from './tasks.ts';
import { Control } from './threads/control.ts';
import type { FromThread, ToThread } from './threads/messages.ts';
import { packError } from './threads/packed-error.ts';
import { type TaskSetup, taskOnDemand } from './threads/task.ts';

interface WorkerData {
  waybillTask: string;
  setup: TaskSetup;
  shared: SharedArrayBuffer;
}

/** Serves as a thread of a transfer when this file was started as one. Returns whether it was. */
export function runIfWorker(): boolean {
  const digests: { waybillTask?: string; shared?: DigestShared } | null = workerData;
  if (!isMainThread && digests?.waybillTask === 'digest' && digests.shared) {
    serveDigests(digests.shared);
    return true;
  }
  const data: Partial<WorkerData> | null = workerData;
  const kind = taskKind(data?.waybillTask);
  if (isMainThread || !parentPort || !kind || !data?.setup || !data.shared) return false;
  const port = parentPort;
  const post = (message: FromThread<unknown, unknown>) => port.postMessage(message);
  const control = new Control(data.shared);
  const task = taskOnDemand(kind, data.setup, control, (note) => post({ type: 'note', note }));
  let failed = false;
  // Jobs are done one after the other, in the order they came.
  let chain = Promise.resolve();
  port.on('message', (message: ToThread<unknown>) => {
    chain = chain.then(async () => {
      try {
        if (message.type === 'finish') {
          await task.finish();
          post({ type: 'finished' });
        } else if (!failed) post({ type: 'done', result: await task.handle(message.job) });
      } catch (error) {
        failed = true;
        control.stop();
        // What ended before the error is kept: the next run need not do it again.
        if (message.type === 'job') await task.finish().catch(() => undefined);
        post({ type: 'failed', error: packError(error) });
      }
    });
  });
  return true;
}
