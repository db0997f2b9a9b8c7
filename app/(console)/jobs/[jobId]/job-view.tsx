'use client';

import ColumnLayout from '@cloudscape-design/components/column-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Tabs from '@cloudscape-design/components/tabs';
import dynamic from 'next/dynamic';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import { isWord } from '../../../../lib/domain/words.ts';
import { useApi } from '../../../_data/api.ts';
import { useLive } from '../../../_data/live.tsx';
import { usePerson } from '../../../_data/session.tsx';
import { JobStatus } from '../../../_parts/status.tsx';
import { Failure } from '../../../_ui/failure.tsx';
import { LoadingPart } from '../../../_ui/loading-placeholders.tsx';
import { PageFrame } from '../../../_ui/page-frame.tsx';
import { CommandsCard } from './_credentials/commands-card.tsx';
import { BeforeErasingCard } from './_erasing/before-erasing-card.tsx';
import { useScrollTabIntoView } from './chosen-tab.ts';
import { FactsCard } from './facts-card.tsx';
import { JobActions } from './job-actions.tsx';
import type { DialogChoice, JobPartProps } from './job-part.ts';
import { JOB_TABS, type JobTab, jobAddress } from './job-tabs.ts';
import { LifecycleSteps } from './lifecycle-steps.tsx';
import { NextStepCard } from './next-step-card.tsx';

// Dialogs come when they are asked for.
const JobDialog = dynamic(() => import('./job-dialogs.tsx').then((part) => part.JobDialog));

// The parts behind the first tab come when they are wanted.
const CredentialsTab = dynamic(
  () => import('./_credentials/credentials-tab.tsx').then((part) => part.CredentialsTab),
  { loading: LoadingPart },
);
const ProgressTab = dynamic(
  () => import('./_progress/progress-tab.tsx').then((part) => part.ProgressTab),
  {
    loading: LoadingPart,
  },
);
const ShipmentsTab = dynamic(
  () => import('./_shipments/shipments-tab.tsx').then((part) => part.ShipmentsTab),
  { loading: LoadingPart },
);
const ReportTab = dynamic(() => import('./_report/report-tab.tsx').then((part) => part.ReportTab), {
  loading: LoadingPart,
});
const RangeCard = dynamic(() => import('./range-card.tsx').then((part) => part.RangeCard), {
  loading: LoadingPart,
});
const IncidentsCard = dynamic(
  () => import('./_incidents/incidents-card.tsx').then((part) => part.IncidentsCard),
  { loading: LoadingPart },
);
const CustodyCard = dynamic(() => import('./custody-card.tsx').then((part) => part.CustodyCard), {
  loading: LoadingPart,
});

/** One job: where it stands, what comes next, and everything that happened. */
export function JobView({ jobId }: { jobId: string }) {
  const { data: job, error, refetch } = useApi('getJob', { params: { jobId } });
  const [dialog, setDialog] = useState<DialogChoice>();
  useLive(jobId);
  if (error && !job) {
    return (
      <PageFrame title="Job">
        <Failure error={error} onRetry={() => void refetch()} />
      </PageFrame>
    );
  }
  if (!job) {
    return (
      <PageFrame title="Job" description={jobId}>
        <StatusIndicator type="loading">Loading the job</StatusIndicator>
      </PageFrame>
    );
  }
  return (
    <PageFrame
      title={job.name}
      info={
        <span data-job-state={job.state}>
          <JobStatus {...job} />
        </span>
      }
      description={`${OPTION_RULES[job.option].label}, ${job.type}`}
      actions={<JobActions job={job} onOpenDialog={setDialog} />}
    >
      <NextStepCard job={job} onOpenDialog={setDialog} />
      <BeforeErasingCard job={job} onOpenDialog={setDialog} />
      <JobTabs job={job} onOpenDialog={setDialog} />
      {dialog && <JobDialog job={job} dialog={dialog} onClose={() => setDialog(undefined)} />}
    </PageFrame>
  );
}

function JobTabs({ job, onOpenDialog }: JobPartProps) {
  const { role } = usePerson();
  const tabParam = useSearchParams().get('tab');
  const open = job.incidents.filter(({ resolvedAt }) => resolvedAt === null).length;
  const tabs: Record<JobTab, { label: string; content: React.ReactNode; hidden?: boolean }> = {
    overview: {
      label: 'Overview',
      content: (
        <SpaceBetween size="l">
          {!job.manageable && <CommandsCard job={job} />}
          <ColumnLayout columns={2}>
            <LifecycleSteps {...job} />
            <FactsCard job={job} />
          </ColumnLayout>
          {job.type === 'export' && <RangeCard job={job} />}
        </SpaceBetween>
      ),
    },
    progress: { label: 'Progress', content: <ProgressTab job={job} /> },
    credentials: { label: 'Credentials', content: <CredentialsTab job={job} /> },
    shipments: {
      label: 'Device and shipments',
      content: <ShipmentsTab job={job} onOpenDialog={onOpenDialog} />,
    },
    report: { label: 'Report', content: <ReportTab job={job} /> },
    incidents: {
      label: open > 0 ? `Incidents (${open})` : 'Incidents',
      content: <IncidentsCard job={job} onOpenDialog={onOpenDialog} />,
    },
    custody: {
      label: 'Custody log',
      content: <CustodyCard jobId={job.id} />,
      hidden: !permits(role, 'audit.read'),
    },
  };
  const visibleTabs = JOB_TABS.filter((id) => !tabs[id].hidden);
  const chosen = isWord(visibleTabs, tabParam) ? tabParam : 'overview';
  const around = useScrollTabIntoView(chosen);
  return (
    <div ref={around}>
      <Tabs
        activeTabId={chosen}
        ariaLabel="Parts of the job"
        tabs={visibleTabs.map((id) => ({ id, href: jobAddress(job.id, id), ...tabs[id] }))}
        onChange={({ detail }) => {
          const tab = isWord(visibleTabs, detail.activeTabId) ? detail.activeTabId : 'overview';
          window.history.replaceState(null, '', jobAddress(job.id, tab));
        }}
      />
    </div>
  );
}
