'use client';

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { routeUrl } from '../../../../lib/api/client.ts';
import { ROUTES } from '../../../../lib/api/contract.ts';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { REPORT_FILES } from '../../../../lib/domain/report.ts';
import { formatBytes } from '../../../../lib/domain/sizes.ts';
import { Instant } from '../../../_ui/instant.tsx';

/** What the seal says, and the completion report of the import. */
export function ReportCard({ job }: { job: JobDetail }) {
  const { report, seal, id: jobId } = job;
  if (!report && !seal) return null;
  const counts = report ?? seal;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            report && (
              <SpaceBetween direction="horizontal" size="xs">
                {REPORT_FILES.map((file) => (
                  <Button
                    key={file}
                    iconName="download"
                    href={routeUrl(ROUTES.getReport.path, { jobId, file })}
                    download={file}
                  >
                    {file}
                  </Button>
                ))}
              </SpaceBetween>
            )
          }
        >
          {report ? 'Completion report' : 'Sealed volume'}
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Objects', value: counts?.objects.toLocaleString('en') ?? '–' },
          { label: 'Bytes', value: formatBytes(counts?.bytes ?? 0) },
          { label: 'Left out by rule', value: String(counts?.skipped ?? 0) },
          { label: 'Failed', value: String(counts?.failed ?? 0) },
          ...(report
            ? [
                { label: 'Were there already', value: String(report.alreadyPresent) },
                {
                  label: 'Destination',
                  value: <span className="long-word">{report.destination}</span>,
                },
                { label: 'Finished', value: <Instant at={report.finishedAt} /> },
              ]
            : [{ label: 'Sealed', value: <Instant at={seal?.sealedAt} /> }]),
          {
            label: 'Digest of the seal',
            value: <span className="long-word">{counts?.sealDigest}</span>,
          },
        ]}
      />
    </Container>
  );
}
