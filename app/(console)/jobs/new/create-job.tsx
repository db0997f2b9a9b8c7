'use client';

import Wizard from '@cloudscape-design/components/wizard';
import dynamic from 'next/dynamic';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { useApi, useCall } from '../../../_data/api.ts';
import { inOneText, sayError } from '../../../_ui/failure.tsx';
import { LoadingPart } from '../../../_ui/loading-placeholders.tsx';
import { useNotify } from '../../../_ui/notices.tsx';
import { type Draft, NEW_DRAFT, requestOf, ruleProblem } from './draft.ts';
import { planProblem, takesSteps } from './draft-plan.ts';
import { cloneOf, forgetDraft, keepDraft, keptDraft } from './kept-draft.ts';
import { OptionStep } from './option-step.tsx';

// The steps after the first are fetched while it is read.
const StoreStep = dynamic(() => import('./store-step.tsx').then((part) => part.StoreStep), {
  loading: LoadingPart,
});
const DeviceStep = dynamic(() => import('./device-step.tsx').then((part) => part.DeviceStep), {
  loading: LoadingPart,
});
const ProcessingStep = dynamic(
  () => import('./processing-step.tsx').then((part) => part.ProcessingStep),
  {
    loading: LoadingPart,
  },
);
const DeliveryStep = dynamic(
  () => import('./delivery-step.tsx').then((part) => part.DeliveryStep),
  {
    loading: LoadingPart,
  },
);
const ReviewStep = dynamic(() => import('./review-step.tsx').then((part) => part.ReviewStep), {
  loading: LoadingPart,
});
const fetchSteps = () =>
  Promise.all([
    import('./store-step.tsx'),
    import('./device-step.tsx'),
    import('./processing-step.tsx'),
    import('./delivery-step.tsx'),
    import('./review-step.tsx'),
  ]);

/** Asks for a job step by step, by the rules of the options. */
export function CreateJob() {
  const router = useRouter();
  const notify = useNotify();
  const [draft, setDraft] = useState(NEW_DRAFT);
  const from = useSearchParams().get('from');
  const original = useApi('getJob', { params: { jobId: from ?? '' } }, { enabled: from !== null });
  const cloned = original.data;
  const [takenFrom, setTakenFrom] = useState<string>();
  useEffect(() => void fetchSteps(), []);
  useEffect(() => {
    // After the first paint: the server does not know what this browser kept.
    if (from === null) setDraft((now) => keptDraft() ?? now);
    if (from === null || !cloned || takenFrom === from) return;
    // Once: that job may go on meanwhile, and what was changed here stays.
    setTakenFrom(from);
    setDraft(cloneOf(cloned));
  }, [from, cloned, takenFrom]);
  const isWaiting = from !== null && takenFrom !== from && original.isPending;
  const change = (next: Draft) => {
    setDraft(next);
    keepDraft(next);
  };
  const [step, setStep] = useState(0);
  const [problem, setProblem] = useState<string>();
  const stores = useApi('listStores').data?.stores ?? [];
  const addresses = useApi('listAddresses', { query: { limit: 200 } }).data?.addresses ?? [];
  const targets = useApi('listTargets').data?.targets ?? [];
  const call = useCall('createJob', (job) => {
    forgetDraft();
    notify('success', `The job ${job.name} is created.`);
    router.push(`/jobs/${job.id}`);
  });
  const kind = stores.find(({ id }) => id === draft.storeId)?.kind ?? 'directory';
  const outside = !OPTION_RULES[draft.option].managedInConsole;
  const props = { draft, onChange: change, stores, addresses, targets, onEdit: setStep };
  const steps = [
    { title: 'Option and type', content: <OptionStep {...props} /> },
    { title: 'Store', content: <StoreStep {...props} />, problem: storeProblem(draft) },
    {
      title: 'Device and encryption',
      content: <DeviceStep {...props} />,
      problem: ruleProblem(draft, kind),
    },
    ...(takesSteps(draft)
      ? [
          {
            title: 'Processing',
            content: <ProcessingStep {...props} />,
            problem: planProblem(draft),
            isOptional: true,
          },
        ]
      : []),
    {
      title: 'Shipping and notifications',
      content: <DeliveryStep {...props} />,
      problem: notificationProblem(draft),
    },
    {
      title: 'Name and review',
      content: <ReviewStep {...props} />,
      problem: nameProblem(draft),
    },
  ];
  const problems = steps.map((one) => one.problem);
  const go = (to: number) => {
    const blocking = problems.slice(0, to).findIndex((one, i) => i >= step && one !== undefined);
    setProblem(blocking < 0 ? undefined : problems[blocking]);
    if (blocking < 0) setStep(to);
  };
  const submit = () => {
    const missing = problems.find((one) => one !== undefined);
    setProblem(missing);
    if (missing !== undefined) return;
    if (outside) router.push('/jobs');
    else call.mutate({ body: requestOf(draft) });
  };
  const errorText = problem ?? (call.error ? inOneText(sayError(call.error)) : undefined);
  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={({ detail }) => go(detail.requestedStepIndex)}
      onCancel={() => {
        forgetDraft();
        router.push('/jobs');
      }}
      onSubmit={submit}
      isLoadingNextStep={call.isPending || isWaiting}
      submitButtonText={outside ? 'Back to the jobs' : 'Create job'}
      steps={steps.map(({ problem: _, ...one }, i) => ({
        ...one,
        ...(i === step && errorText && { errorText }),
      }))}
      i18nStrings={{
        stepNumberLabel: (n) => `Step ${n}`,
        collapsedStepsLabel: (n, count) => `Step ${n} of ${count}`,
        navigationAriaLabel: 'Steps',
        cancelButton: 'Cancel',
        previousButton: 'Previous',
        nextButton: 'Next',
        optional: 'optional',
      }}
    />
  );
}

function storeProblem({ bucket }: Draft): string | undefined {
  return bucket.trim() === '' ? 'Name the bucket.' : undefined;
}

function notificationProblem({ notification }: Draft): string | undefined {
  return notification?.targetIds.length === 0
    ? 'Choose who is told, or leave it as for every job.'
    : undefined;
}

function nameProblem({ name }: Draft): string | undefined {
  return name.trim() === '' ? 'Give the job a name.' : undefined;
}
