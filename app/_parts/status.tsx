'use client';

import type { CopyPhase, DeviceState, JobState, Outcome } from '../../lib/domain/words.ts';
import { type Sign, Signed } from '../_ui/status-icon.tsx';

/** The sign of every job state: an icon and a word, never colour alone. */
export const JOB_STATE_SIGNS: Record<JobState, Sign> = {
  created: ['not-started', 'Created'],
  preparing: ['in-progress', 'Preparing'],
  exporting: ['in-progress', 'Exporting'],
  'ready-to-ship': ['pending', 'Ready to ship'],
  'in-transit-to-site': ['in-progress', 'In transit to site'],
  'at-site': ['pending', 'At site'],
  'in-transit-to-facility': ['in-progress', 'In transit to facility'],
  'at-sorting': ['pending', 'At sorting'],
  'at-facility': ['pending', 'At facility'],
  importing: ['in-progress', 'Importing'],
  erasing: ['in-progress', 'Erasing'],
  returning: ['in-progress', 'Returning'],
  completed: ['success', 'Completed'],
  cancelled: ['stopped', 'Cancelled'],
};

const OUTCOME_SIGNS: Record<Outcome, Sign> = {
  succeeded: ['success', 'Completed'],
  'with-warnings': ['warning', 'Completed with warnings'],
  'with-errors': ['error', 'Completed with errors'],
};

export const OUTCOME_WORDS: Record<Outcome, string> = {
  succeeded: 'Succeeded',
  'with-warnings': 'With warnings',
  'with-errors': 'With errors',
};

export const DEVICE_SIGNS: Record<DeviceState, Sign> = {
  available: ['success', 'Available'],
  reserved: ['pending', 'Reserved'],
  loaded: ['info', 'Loaded'],
  'in-transit': ['in-progress', 'In transit'],
  'at-site': ['pending', 'At site'],
  'at-facility': ['pending', 'At facility'],
  erasing: ['in-progress', 'Erasing'],
  erased: ['success', 'Erased'],
  quarantined: ['warning', 'Quarantined'],
  lost: ['error', 'Lost'],
  retired: ['stopped', 'Retired'],
};

const COPY_PHASE_SIGNS: Record<CopyPhase, Sign> = {
  'not-started': ['not-started', 'Not started'],
  copying: ['in-progress', 'Copying'],
  paused: ['stopped', 'Paused'],
  verifying: ['in-progress', 'Verifying'],
  sealed: ['success', 'Sealed'],
};

const sign = ([type, word]: Sign) => <Signed type={type}>{word}</Signed>;

interface JobStatusProps {
  state: JobState;
  outcome?: Outcome | null | undefined;
  /** An incident is open. */
  attention?: boolean;
}

/** Where a job stands. A finished one says how it ended; an open incident outranks the state's own icon. */
export function JobStatus({ state, outcome, attention = false }: JobStatusProps) {
  const [type, word] =
    state === 'completed' && outcome ? OUTCOME_SIGNS[outcome] : JOB_STATE_SIGNS[state];
  return attention ? <Signed type="warning">{word}, needs attention</Signed> : sign([type, word]);
}

export function DeviceStatus({ state }: { state: DeviceState }) {
  return sign(DEVICE_SIGNS[state]);
}

export function CopyStatus({ phase }: { phase: CopyPhase }) {
  return sign(COPY_PHASE_SIGNS[phase]);
}
