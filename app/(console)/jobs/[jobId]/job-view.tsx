'use client';

import Alert from '@cloudscape-design/components/alert';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Spinner from '@cloudscape-design/components/spinner';
import { permits } from '../../../../lib/domain/permissions.ts';
import { useApi } from '../../../_ui/api.ts';
import { Failure, sentence } from '../../../_ui/failure.tsx';
import { useLive } from '../../../_ui/live.tsx';
import { PageFrame } from '../../../_ui/page-frame.tsx';
import { usePerson } from '../../../_ui/session.tsx';
import { CredentialsCard } from './credentials-card.tsx';
import { CustodyCard } from './custody-card.tsx';
import { FactsCard } from './facts-card.tsx';
import { IncidentsCard } from './incidents-card.tsx';
import { JobActions } from './job-actions.tsx';
import { LifecycleBar } from './lifecycle-bar.tsx';
import { OutsideCard } from './outside-card.tsx';
import { ProgressCard } from './progress-card.tsx';
import { ReportCard } from './report-card.tsx';
import { ShipmentsCard } from './shipments-card.tsx';

/** One job: where it stands, what comes next, and everything that happened. */
export function JobView({ jobId }: { jobId: string }) {
  const person = usePerson();
  const { data: job, error, refetch } = useApi('getJob', { params: { jobId } });
  useLive(jobId);
  if (error) {
    return (
      <PageFrame title="Job">
        <Failure error={error} onRetry={() => void refetch()} />
      </PageFrame>
    );
  }
  if (!job) return <Spinner size="large" />;
  const open = job.incidents.filter((incident) => incident.resolvedAt === null);
  return (
    <PageFrame
      title={job.name}
      description={job.id}
      actions={job.manageable ? <JobActions job={job} /> : undefined}
    >
      {open.map((incident) => (
        <Alert key={incident.id} type="warning" header={`Needs attention: ${incident.kind}`}>
          {incident.note && `${sentence(incident.note)} `}
          Next, for the {incident.owner}: {sentence(incident.next)}
        </Alert>
      ))}
      {!job.manageable && <OutsideCard job={job} />}
      <ColumnLayout columns={2}>
        <LifecycleBar {...job} />
        <FactsCard job={job} />
      </ColumnLayout>
      <ProgressCard job={job} />
      {permits(person.role, 'job.credentials') && job.manageable && <CredentialsCard job={job} />}
      <ReportCard job={job} />
      <ShipmentsCard job={job} />
      <IncidentsCard job={job} />
      {permits(person.role, 'audit.read') && <CustodyCard jobId={job.id} />}
    </PageFrame>
  );
}
