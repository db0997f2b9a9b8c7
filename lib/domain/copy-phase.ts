import type { CopyPhase } from './words.ts';

/** Phases of the copy and what may follow each. A sealed volume may be reopened while it is still at the site. */
export const COPY_PHASE_NEXT: Record<CopyPhase, readonly CopyPhase[]> = {
  'not-started': ['copying'],
  copying: ['paused', 'verifying', 'sealed'],
  paused: ['copying', 'verifying', 'sealed'],
  verifying: ['copying', 'paused', 'sealed'],
  sealed: ['copying'],
};

/** Whether a phase may follow another; reporting the same phase again is harmless. */
export function phaseFollows(from: CopyPhase, to: CopyPhase): boolean {
  return from === to || COPY_PHASE_NEXT[from].includes(to);
}
