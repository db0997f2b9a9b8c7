'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Steps, { type StepsProps } from '@cloudscape-design/components/steps';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { mainPath } from '../../../../lib/domain/lifecycle.ts';
import type { JobState, JobType, Option, Outcome } from '../../../../lib/domain/words.ts';
import { Instant } from '../../../_ui/instant.tsx';
import { JOB_STATE_SIGNS } from '../../../_ui/status.tsx';

interface LifecycleBarProps {
  /** How it came to each state. */
  steps: JobDetail['steps'];
  option: Option;
  type: JobType;
  state: JobState;
  outcome: Outcome | null;
  attention: boolean;
}

const SPOKEN: Partial<Record<StepsProps.Status, string>> = {
  success: 'done',
  'in-progress': 'now',
  warning: 'now, needs attention',
  error: 'ended with errors',
  stopped: 'cancelled',
  'not-started': 'not yet',
};

function statusOf(index: number, here: number, job: LifecycleBarProps): StepsProps.Status {
  if (index < here) return 'success';
  if (index > here) return 'not-started';
  if (job.state === 'completed') {
    if (job.outcome === 'with-errors') return 'error';
    return job.outcome === 'with-warnings' ? 'warning' : 'success';
  }
  return job.attention ? 'warning' : 'in-progress';
}

function stepsOf(job: LifecycleBarProps): StepsProps.Step[] {
  const path = mainPath(job.option, job.type);
  const here = path.indexOf(job.state);
  const steps = path.map((state, index): StepsProps.Step => {
    const status = here < 0 ? 'not-started' : statusOf(index, here, job);
    const header = JOB_STATE_SIGNS[state][1];
    const taken = job.steps.findLast((step) => step.state === state);
    return {
      status,
      statusIconAriaLabel: SPOKEN[status] ?? status,
      ...(taken && {
        details: (
          <>
            <Instant at={taken.at} />, {taken.by}
          </>
        ),
      }),
      header: index === here ? <strong aria-current="step">{header}</strong> : header,
    };
  });
  if (job.state !== 'cancelled') return steps;
  return [{ status: 'stopped', statusIconAriaLabel: 'cancelled', header: 'Cancelled' }];
}

/** Where the job is on its way, drawn from the lifecycle table. */
export function LifecycleBar(props: LifecycleBarProps) {
  return (
    <Container header={<Header variant="h2">Way of the job</Header>}>
      <Steps steps={stepsOf(props)} orientation="vertical" ariaLabel="Way of the job" />
    </Container>
  );
}
