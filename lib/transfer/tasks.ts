import type { Control } from './control.ts';
import { type LoadSetup, loadTask } from './load-task.ts';
import { type UnloadSetup, unloadTask } from './unload-task.ts';
import { type VerifySetup, verifyTask } from './verify-task.ts';

/** What a thread does with its jobs. `finish` is called once, also after an error or a stop. */
export interface Task {
  handle(job: unknown): Promise<unknown>;
  finish(): Promise<unknown>;
}

export type TaskKind = 'load' | 'verify' | 'unload';
export type TaskSetup = LoadSetup | VerifySetup | UnloadSetup;

/** Makes the task of a kind. `setup` is of that kind; it crossed a thread boundary as plain data. */
export function makeTask(
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
  }
}
