import { runIfWorker } from './worker-entry.ts';

// What a thread starts in a checkout; in the bundle the program's own entry does this.
runIfWorker();
