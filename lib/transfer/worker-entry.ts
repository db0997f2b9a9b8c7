import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type DigestShared, serveDigests } from './checksums/digest-thread.ts';
import { makeTask, type TaskKind, type TaskSetup } from './tasks.ts';
import { Control } from './threads/control.ts';
import { type FromThread, once, packError, type ToThread } from './threads/pool.ts';

interface WorkerData {
  waybillTask: TaskKind;
  setup: TaskSetup;
  shared: SharedArrayBuffer;
}

/** Serves as a thread of a transfer when this file was started as one. Returns whether it was. */
export function runIfWorker(): boolean {
  const digests = workerData as { waybillTask?: string; shared?: DigestShared } | null;
  if (!isMainThread && digests?.waybillTask === 'digest' && digests.shared) {
    serveDigests(digests.shared);
    return true;
  }
  const data = workerData as Partial<WorkerData> | null;
  if (isMainThread || !parentPort || !data?.waybillTask || !data.setup || !data.shared)
    return false;
  const port = parentPort;
  const post = (message: FromThread) => port.postMessage(message);
  const control = new Control(data.shared);
  const { waybillTask: kind, setup } = data;
  // With the first job: a thread may be started before it is sure that there is work.
  const task = once(() => makeTask(kind, setup, control, (note) => post({ type: 'note', note })));
  const finish = async () => task().finish();
  let failed = false;
  // Jobs are done one after the other, in the order they came.
  let chain = Promise.resolve();
  port.on('message', (message: ToThread) => {
    chain = chain.then(async () => {
      try {
        if (message.type === 'finish') post({ type: 'finished', result: await finish() });
        else if (!failed) post({ type: 'done', result: await task().handle(message.job) });
      } catch (error) {
        failed = true;
        control.stop();
        // What ended before the error is kept: the next run need not do it again.
        if (message.type === 'job') await finish().catch(() => undefined);
        post({ type: 'failed', error: packError(error) });
      }
    });
  });
  return true;
}
