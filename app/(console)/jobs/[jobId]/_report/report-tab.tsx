'use client';

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { routeUrl } from '../../../../../lib/api/client.ts';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { WIRE } from '../../../../../lib/api/wire.ts';
import { proofWords } from '../../../../../lib/domain/proofs.ts';
import { HEAD_FILE, REPORT_FILES } from '../../../../../lib/domain/report.ts';
import { formatBytes } from '../../../../../lib/domain/sizes.ts';
import { JobStatus } from '../../../../_parts/status.tsx';
import { Empty } from '../../../../_ui/data-table.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import { ProcessingCard } from '../_progress/processing-card.tsx';
import { ReportLog } from './report-log.tsx';

/** What the seal says, and the completion report with its two logs. */
export function ReportTab({ job }: { job: JobDetail }) {
  const { report, seal, id: jobId } = job;
  if (!report && !seal) {
    return (
      <Container header={<Header variant="h2">Completion report</Header>}>
        <Empty text="Not there yet. The seal says what the volume holds; the report says of each object what became of it." />
      </Container>
    );
  }
  const processing = report?.processing ?? job.processingResults;
  return (
    <SpaceBetween size="l">
      {report && <Completion jobId={jobId} report={report} attempts={job.reportAttempts} />}
      {report && <ReportLog jobId={jobId} first={firstLog(report)} />}
      {processing && <ProcessingCard results={processing} />}
      {seal && <Sealed seal={seal} />}
    </SpaceBetween>
  );
}

/** What went wrong is what is looked for. */
const firstLog = ({ failed, skipped }: NonNullable<JobDetail['report']>) =>
  failed + skipped > 0 ? 'failure.csv' : 'success.csv';

const n = (count: number): string => count.toLocaleString('en');
const digest = (value: string) => <span className="long-word">{value}</span>;

interface CompletionProps {
  jobId: string;
  report: NonNullable<JobDetail['report']>;
  /** How many reports were handed in; this is the last. */
  attempts: number;
}

function Completion({ jobId, report, attempts }: CompletionProps) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                iconName="download"
                href={routeUrl(WIRE.getTransferProof.path, { jobId })}
                download={`${jobId}-proof.tar`}
              >
                Proof of transfer
              </Button>
              {[...REPORT_FILES, HEAD_FILE].map((file) => (
                <Button
                  key={file}
                  iconName="download"
                  href={routeUrl(WIRE.getReport.path, { jobId, file })}
                  download={file}
                >
                  {file}
                </Button>
              ))}
            </SpaceBetween>
          }
        >
          {report.partial ? 'Report of what did land' : 'Completion report'}
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: 'Outcome',
            value: report.partial ? (
              'the import stopped before its end'
            ) : (
              <JobStatus state="completed" outcome={report.outcome} />
            ),
          },
          ...(attempts > 1 ? [{ label: 'Attempts', value: n(attempts) }] : []),
          { label: 'Objects', value: n(report.objects) },
          { label: 'Bytes', value: formatBytes(report.bytes) },
          { label: 'Already there', value: n(report.alreadyPresent) },
          { label: 'Left out by rule', value: n(report.skipped) },
          { label: 'Failed', value: n(report.failed) },
          { label: 'Started', value: <Instant at={report.startedAt} /> },
          { label: 'Finished', value: <Instant at={report.finishedAt} /> },
          { label: 'Destination', value: digest(report.destination) },
          { label: 'Agent', value: report.agentVersion },
          ...(report.archive
            ? [
                { label: 'Archive of the device', value: digest(report.archive.key) },
                { label: 'Size of the archive', value: formatBytes(report.archive.bytes) },
                { label: 'SHA-256 of the archive', value: digest(report.archive.sha256) },
              ]
            : []),
          ...(report.proofs
            ? [{ label: 'Bytes proved', value: proofWords(report.proofs) || 'No object' }]
            : []),
          ...(report.notes?.length ? [{ label: 'Remarks', value: report.notes.join(' ') }] : []),
        ]}
      />
    </Container>
  );
}

function Sealed({ seal }: { seal: NonNullable<JobDetail['seal']> }) {
  return (
    <Container header={<Header variant="h2">Sealed volume</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Objects', value: n(seal.objects) },
          { label: 'Bytes', value: formatBytes(seal.bytes) },
          { label: 'Left out by rule', value: n(seal.skipped) },
          { label: 'Failed', value: n(seal.failed) },
          { label: 'Sealed', value: <Instant at={seal.sealedAt} /> },
          { label: 'Digest of the seal', value: digest(seal.sealDigest) },
        ]}
      />
    </Container>
  );
}
