'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { FINAL_STATES } from '../../../../../lib/domain/lifecycle.ts';
import { travels } from '../../../../../lib/domain/shipments.ts';
import { Command } from '../../../../_ui/copyable.tsx';

/** What is not an action of the lifecycle: the command, and when it is possible. */
const COMMANDS: { label: string; command: string; when: (job: JobDetail) => boolean }[] = [
  {
    label: 'Download the manifest',
    command: 'waybill job manifest JOB --output JOB.manifest',
    when: (job) => job.credentialsAvailable,
  },
  {
    label: 'Reveal the unlock code',
    command: 'waybill job unlock-code JOB',
    when: (job) => job.credentialsAvailable,
  },
  {
    label: 'Record a scan',
    command: 'waybill job scan JOB PLACE',
    when: (job) => travels(job.state),
  },
  {
    label: 'Report an incident',
    command: 'waybill job incident JOB KIND --note TEXT',
    when: (job) => !FINAL_STATES.includes(job.state),
  },
  {
    label: 'Resolve the incidents',
    command: 'waybill job resolve JOB --note TEXT',
    when: (job) => job.attention,
  },
  {
    label: 'Download the report',
    command: 'waybill job report JOB --output-dir DIR',
    when: (job) => job.report !== null,
  },
];

/** A job that is not managed in the console: the exact command of each action. */
export function CommandsCard({ job }: { job: JobDetail }) {
  const rows = [
    ...job.offers,
    ...COMMANDS.filter(({ when }) => when(job)).map(({ label, command }) => ({
      label,
      command: command.replaceAll('JOB', job.id),
    })),
  ];
  return (
    <Container
      header={
        <Header variant="h2" description="Of the agent, after waybill login">
          Commands
        </Header>
      }
    >
      <KeyValuePairs
        items={rows.map(({ label, command }) => ({
          label,
          value: <Command text={command} what={`command: ${label}`} />,
        }))}
      />
    </Container>
  );
}
