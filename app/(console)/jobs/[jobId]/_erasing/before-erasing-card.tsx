'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { counted } from '../../../../../lib/domain/counted.ts';
import {
  type MissingCondition,
  missingAtHand,
  missingOf,
  type Remark,
  remarksAtHand,
} from '../../../../../lib/domain/irreversible.ts';
import { type Permission, permits } from '../../../../../lib/domain/permissions.ts';
import type { Role } from '../../../../../lib/domain/words.ts';
import { usePerson } from '../../../../_data/session.tsx';
import { sentence } from '../../../../_ui/failure.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import type { DialogChoice, JobPartProps } from '../job-part.ts';

/** What has to be proved or decided before the device is erased, and what people have decided so far. */
export function BeforeErasingCard({ job, onOpenDialog }: JobPartProps) {
  const { role } = usePerson();
  const missing = missingHere(job);
  const remarks = remarksAtHand(job.evidence);
  const decided = decisionsOf(job);
  const isRestored = job.state === 'at-facility' && job.evidence.restore === 'done';
  const shown = missing.length + remarks.length + decided.length;
  if (shown === 0 && !isRestored) return null;
  const buttons = job.manageable ? buttonsFor(job, missing, role) : [];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            missing.length > 0
              ? 'What is on the device is kept until all of this is done.'
              : undefined
          }
          actions={
            buttons.length > 0 && (
              <SpaceBetween direction="horizontal" size="xs">
                {buttons.map(({ text, dialog }) => (
                  <Button key={text} onClick={() => onOpenDialog(dialog)}>
                    {text}
                  </Button>
                ))}
              </SpaceBetween>
            )
          }
        >
          {headingOf(job)}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {missing.map((row) => (
          <Missing key={row.condition} row={row} />
        ))}
        {remarks.map((row) => (
          <Remarked key={row.remark} row={row} />
        ))}
        {job.retryRequested && !job.erased && (
          <StatusIndicator type="in-progress">
            The failed objects are to be tried again, asked for <Instant at={job.retryRequested} />.
            The station that has the device does it.
          </StatusIndicator>
        )}
        {isRestored && (
          <StatusIndicator type="success">
            The site reported that it restored the data.
          </StatusIndicator>
        )}
        {decided.map(({ what, at, by, note }) => (
          <Box key={what}>
            <StatusIndicator type="info">{what}</StatusIndicator>
            <Box color="text-body-secondary">
              By {by}, <Instant at={at} />: {note}
            </Box>
          </Box>
        ))}
      </SpaceBetween>
    </Container>
  );
}

function headingOf({ evidence, erased }: JobDetail): string {
  if (evidence.owner === 'customer') return 'Before the disk goes back';
  return erased ? 'What was decided before the device was erased' : 'Before the device is erased';
}

/** A disk goes back to its owner and is not erased: only what did not land holds it up. */
function missingHere({ evidence, state, reported }: JobDetail): MissingCondition[] {
  if (evidence.owner === 'provider') return missingAtHand(evidence);
  return state === 'importing' && reported ? [missingOf('landed', evidence) ?? []].flat() : [];
}

function Missing({ row: { missing, fix } }: { row: MissingCondition }) {
  return (
    <Box>
      <StatusIndicator type="warning">{sentence(missing)}</StatusIndicator>
      <Box color="text-body-secondary">{sentence(fix)}</Box>
    </Box>
  );
}

/** What holds nothing up. */
function Remarked({ row: { missing, fix } }: { row: Remark }) {
  return (
    <Box>
      <StatusIndicator type="info">{sentence(missing)}</StatusIndicator>
      <Box color="text-body-secondary">{sentence(fix)}</Box>
    </Box>
  );
}

interface ButtonRow {
  text: string;
  permission: Permission;
  dialog: DialogChoice;
  when: (job: JobDetail, names: readonly string[]) => boolean;
}

const hasLosses = ({ reported, evidence }: JobDetail) => reported && evidence.failed > 0;

const BUTTONS: readonly ButtonRow[] = [
  {
    text: 'Try the failed objects again',
    permission: 'job.retry-failed',
    dialog: { what: 'retry-failed' },
    when: (job) =>
      hasLosses(job) &&
      job.retryRequested === null &&
      (job.state === 'importing' || job.decisions.acceptedLosses !== null),
  },
  {
    text: 'Accept the loss',
    permission: 'job.accept-losses',
    dialog: { what: 'accept-losses' },
    when: (job, names) => hasLosses(job) && names.includes('landed') && job.retryRequested === null,
  },
  {
    text: 'Confirm the restore',
    permission: 'job.confirm-restored',
    dialog: { what: 'confirm-restored' },
    when: (_, names) => names.includes('restored'),
  },
  {
    text: 'Allow erasing without proof',
    permission: 'device.erase-unverified',
    dialog: { what: 'allow-erase' },
    when: ({ evidence, state }) =>
      evidence.owner === 'provider' && !evidence.eraseUnverified && state !== 'importing',
  },
];

function buttonsFor(job: JobDetail, missing: readonly MissingCondition[], role: Role): ButtonRow[] {
  const names = missing.map(({ condition }) => condition);
  if (names.length === 0) return [];
  return BUTTONS.filter(({ permission, when }) => permits(role, permission) && when(job, names));
}

/** What people decided about the device, in words. */
function decisionsOf({ decisions, evidence }: JobDetail) {
  const { acceptedLosses, restoreConfirmed, eraseAllowed } = decisions;
  return [
    ...(acceptedLosses
      ? [
          {
            ...acceptedLosses,
            what: `The loss of ${counted(acceptedLosses.objects, 'object')} is accepted${evidence.graceOver ? ', and the grace time is over' : ''}`,
          },
        ]
      : []),
    ...(restoreConfirmed ? [{ ...restoreConfirmed, what: 'The restore is confirmed' }] : []),
    ...(eraseAllowed ? [{ ...eraseAllowed, what: 'Erasing without proof is allowed' }] : []),
  ];
}
