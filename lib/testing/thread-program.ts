import { setEnvironmentData } from 'node:worker_threads';
import { inject } from 'vitest';
import { THREAD_PROGRAM, WHOLE_THREAD_PROGRAM } from '../transfer/threads/start-worker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    threadProgram: string;
    wholeThreadProgram: string;
  }
}

// The threads of transfers in tests run what threads of the bundled agent run.
setEnvironmentData(THREAD_PROGRAM, inject('threadProgram'));
setEnvironmentData(WHOLE_THREAD_PROGRAM, inject('wholeThreadProgram'));
