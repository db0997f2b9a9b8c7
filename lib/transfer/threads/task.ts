/** What a thread does with its jobs. `finish` is called once, also after an error or a stop. */
export interface Task {
  handle(job: unknown): Promise<unknown>;
  finish(): Promise<unknown>;
}
