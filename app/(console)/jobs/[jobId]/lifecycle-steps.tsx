'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Steps, { type StepsProps } from '@cloudscape-design/components/steps';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { mainPath } from '../../../../lib/domain/lifecycle.ts';
import { JOB_STATE_SIGNS } from '../../../_parts/status.tsx';
import { Instant } from '../../../_ui/instant.tsx';

type LifecycleStepsProps = Pick<
  JobDetail,
  'steps' | 'option' | 'type' | 'state' | 'outcome' | 'attention'
>;

const SPOKEN: Partial<Record<StepsProps.Status, string>> = {
  success: 'done',
  'in-progress': 'now',
  warning: 'now, needs attention',
  error: 'ended with errors',
  stopped: 'cancelled',
  'not-started': 'not yet',
};

/** The states that the job was in and will be in. One that ended early goes from where it was to its end. */
function wayOf(job: LifecycleStepsProps) {
  const path = mainPath(job.option, job.type);
  const taken = job.steps.map(({ state }) => state);
  const isOver = job.state === 'cancelled' || job.state === 'completed';
  return isOver ? [...new Set(taken)] : path;
}

function statusOf(index: number, here: number, job: LifecycleStepsProps): StepsProps.Status {
  if (index < here) return 'success';
  if (index > here) return 'not-started';
  if (job.state === 'cancelled') return 'stopped';
  if (job.state === 'completed') {
    if (job.outcome === 'with-errors') return 'error';
    return job.outcome === 'with-warnings' ? 'warning' : 'success';
  }
  return job.attention ? 'warning' : 'in-progress';
}

function stepsOf(job: LifecycleStepsProps): StepsProps.Step[] {
  const way = wayOf(job);
  const here = way.indexOf(job.state);
  return way.map((state, index): StepsProps.Step => {
    const status = statusOf(index, here, job);
    const header = JOB_STATE_SIGNS[state][1];
    const taken = job.steps.findLast((step) => step.state === state);
    return {
      status,
      statusIconAriaLabel: SPOKEN[status] ?? status,
      ...(taken && {
        details: (
          <>
            <Instant at={taken.at} /> by {taken.by}
            {taken.note && `: ${taken.note}`}
          </>
        ),
      }),
      header: index === here ? <strong aria-current="step">{header}</strong> : header,
    };
  });
}

/** Where the job is on its way, drawn from the lifecycle table, with when and by whom each step was taken. */
export function LifecycleSteps(job: LifecycleStepsProps) {
  return (
    <Container header={<Header variant="h2">Lifecycle</Header>}>
      <Steps steps={stepsOf(job)} ariaLabel="Lifecycle" />
    </Container>
  );
}
