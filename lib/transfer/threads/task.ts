import type { VolumeSpec } from '../../volume/volume.ts';
import type { Control } from './control.ts';
import { typedErrors } from './typed-errors.ts';

/** What a thread does with its jobs. `finish` is called once, also after an error or a stop. */
export interface Task<Job, Result> {
  handle(job: Job): Promise<Result>;
  finish(): Promise<void>;
}

/** What any thread is given. Plain data, as its jobs, results and notes are. */
export type TaskSetup = Pick<VolumeSpec, 'deviceDir'>;

/**
 * A kind of task. `make` is a method, whose parameters the compiler compares loosely: so one table holds all kinds, and a
 * thread makes of what crossed to it the task of the kind that it is told.
 */
export interface TaskKind<Setup extends TaskSetup, Job, Result, Note> {
  name: string;
  make(setup: Setup, control: Control, note: (note: Note) => void): Task<Job, Result>;
}

export type AnyTaskKind = TaskKind<TaskSetup, unknown, unknown, unknown>;

/**
 * The task of a kind, made with its first job: a thread may be started before it is sure that there is work. Its errors
 * are typed: the thread that has them cannot send more than that.
 */
export function taskOnDemand<Setup extends TaskSetup, Job, Result, Note>(
  kind: TaskKind<Setup, Job, Result, Note>,
  setup: Setup,
  control: Control,
  note: (note: Note) => void,
): Task<Job, Result> {
  let made: Task<Job, Result> | undefined;
  const task = () => {
    made ??= kind.make(setup, control, note);
    return made;
  };
  const { deviceDir } = setup;
  return {
    handle: (job) => typedErrors({ deviceDir }, () => task().handle(job)),
    finish: () => typedErrors({ deviceDir }, () => task().finish()),
  };
}
