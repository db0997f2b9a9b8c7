import { type LoadSetup, loadTask } from './load/load-task.ts';
import { type ParitySetup, parityTask } from './parity/parity-task.ts';
import type { Control } from './threads/control.ts';
import type { ThreadNeeds } from './threads/start-worker.ts';
import type { Task } from './threads/task.ts';
import { typedErrors } from './threads/typed-errors.ts';
import type { UnloadSetup } from './unload/unload-setup.ts';
import { unloadTask } from './unload/unload-task.ts';
import { type VerifySetup, verifyTask } from './verify/verify-task.ts';

export type TaskKind = 'load' | 'verify' | 'unload' | 'parity';
export type TaskSetup = LoadSetup | VerifySetup | UnloadSetup | ParitySetup;

/** What a task's thread needs: for a remote store, or for processing, more than the small program of threads has. */
export function needsOf(setup: TaskSetup): ThreadNeeds {
  const objects = 'processing' in setup && setup.processing !== undefined;
  return { everything: objects || isRemote(setup), objects };
}

function isRemote(setup: TaskSetup): boolean {
  if ('store' in setup) return !('root' in setup.store);
  return 'source' in setup && setup.source.kind === 'store' && !('root' in setup.source.spec);
}

/** Makes the task of a kind, whose errors are typed: the thread that has them cannot send more than that. `setup` is of that kind; it crossed a thread boundary as plain data. */
export function makeTask(
  kind: TaskKind,
  setup: TaskSetup,
  control: Control,
  note: (note: unknown) => void,
): Task {
  const { deviceDir } = setup.volume;
  const task = taskOf(kind, setup, control, note);
  return {
    handle: (job) => typedErrors({ deviceDir }, () => task.handle(job)),
    finish: () => typedErrors({ deviceDir }, () => task.finish()),
  };
}

function taskOf(
  kind: TaskKind,
  setup: TaskSetup,
  control: Control,
  note: (note: unknown) => void,
): Task {
  switch (kind) {
    case 'load':
      return loadTask(setup as LoadSetup, control, note);
    case 'verify':
      return verifyTask(setup as VerifySetup, control);
    case 'unload':
      return unloadTask(setup as UnloadSetup, control);
    case 'parity':
      return parityTask(setup as ParitySetup, control);
  }
}
