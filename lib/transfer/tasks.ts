import { LOAD_TASK } from './load/load-task.ts';
import { PARITY_TASK } from './parity/parity-task.ts';
import type { AnyTaskKind } from './threads/task.ts';
import { UNLOAD_TASK } from './unload/unload-task.ts';
import { VERIFY_TASK } from './verify/verify-task.ts';

/** All kinds of tasks, for a thread that is told the name of its own. */
const TASK_KINDS: readonly AnyTaskKind[] = [LOAD_TASK, VERIFY_TASK, UNLOAD_TASK, PARITY_TASK];

export const taskKind = (name: string | undefined): AnyTaskKind | undefined =>
  TASK_KINDS.find((kind) => kind.name === name);
