'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { INCIDENTS } from '../../../../lib/domain/incidents.ts';
import { FINAL_STATES } from '../../../../lib/domain/lifecycle.ts';
import { plannedStepOf } from '../../../../lib/domain/next-step.ts';
import { ASKS, DOERS, type NextStep } from '../../../../lib/domain/next-step-words.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import { usePerson } from '../../../_data/session.tsx';
import { Command } from '../../../_ui/copyable.tsx';
import { refusalOf, sentence } from '../../../_ui/failure.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { RouterButton, RouterLink } from '../../../_ui/router-link.tsx';
import { siteCommand } from './_credentials/site-command.ts';
import { ProgressLine } from './_progress/progress-line.tsx';
import type { JobPartProps } from './job-part.ts';
import { jobAddress } from './job-tabs.ts';

const SEE: Record<NonNullable<NextStep['see']>, string> = {
  progress: 'See the progress',
  credentials: 'Manifest and unlock code',
  shipments: 'Labels, seals and scans',
  report: 'See the report',
};

/** What has to happen now, by whom and why, and the button that does it. Trouble comes first. */
export function NextStepCard({ job, onOpenDialog }: JobPartProps) {
  const step = plannedStepOf(job);
  const offer = job.offers.find(({ action }) => action === step?.action);
  const { role } = usePerson();
  const mayAnswer =
    step?.asks === 'compare-seals' && job.manageable && permits(role, 'job.incident');
  const isOver = FINAL_STATES.includes(job.state);
  if (!step) return null;
  const command = commandOf(job, step);
  return (
    <SpaceBetween size="l">
      <OpenIncidents job={job} onOpenDialog={onOpenDialog} />
      {!job.manageable && (
        <Alert type="info" header="Managed outside the console">
          Disk jobs are tracked here, and managed by command line and API.
        </Alert>
      )}
      <Container
        header={
          <Header
            variant="h2"
            description={step.why}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {step.see && (
                  <RouterButton href={jobAddress(job.id, step.see)}>{SEE[step.see]}</RouterButton>
                )}
                {mayAnswer && (
                  <Button variant="primary" onClick={() => onOpenDialog({ what: 'compare-seals' })}>
                    {ASKS['compare-seals'].label}
                  </Button>
                )}
                {job.manageable && offer && !offer.forbidden && (
                  <Button
                    variant={offer.allowed && !mayAnswer && !job.attention ? 'primary' : 'normal'}
                    disabled={!offer.allowed}
                    {...(!offer.allowed && { disabledReason: refusalOf(offer) })}
                    onClick={() => onOpenDialog({ what: 'action', offer })}
                  >
                    {offer.label}
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            {isOver ? step.what : `${job.attention ? 'Then' : 'Next'}: ${step.what}`}
          </Header>
        }
      >
        <SpaceBetween size="m">
          {!isOver && (
            <KeyValuePairs
              columns={2}
              items={[
                { label: 'Who does it', value: DOERS[step.who] },
                { label: 'Since', value: <Instant at={job.stateSince} /> },
              ]}
            />
          )}
          {step.see === 'progress' && job.progress && <ProgressLine progress={job.progress} />}
          {command && (
            <KeyValuePairs
              items={[{ label: 'By command line', value: <Command text={command} /> }]}
            />
          )}
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

/** What is typed for a step; nothing while it is not possible. */
function commandOf(job: JobDetail, { see, action, asks }: NextStep): string | undefined {
  if (asks) return ASKS[asks].command.replace('JOB', job.id);
  if (see === 'credentials') return siteCommand(job);
  const offer = job.offers.find((one) => one.action === action);
  return offer?.allowed || !job.manageable ? offer?.command : undefined;
}

/** The incidents that are open: who owns them and what that person does. */
function OpenIncidents({ job, onOpenDialog }: JobPartProps) {
  const { role } = usePerson();
  const open = job.incidents.filter(({ resolvedAt }) => resolvedAt === null);
  if (open.length === 0) return null;
  const close = job.offers.find(({ action, allowed }) => action === 'close' && allowed);
  return (
    <Alert
      type="warning"
      header={open.map(({ kind }) => INCIDENTS[kind].label).join('; ')}
      action={
        job.manageable && (
          <SpaceBetween direction="horizontal" size="xs">
            {permits(role, 'job.resolve-incident') && (
              <Button onClick={() => onOpenDialog({ what: 'resolve-incidents' })}>
                {open.length === 1 ? 'Resolve incident' : 'Resolve incidents'}
              </Button>
            )}
            {close && (
              <Button onClick={() => onOpenDialog({ what: 'action', offer: close })}>
                {close.label}
              </Button>
            )}
          </SpaceBetween>
        )
      }
    >
      {open.map((incident) => (
        <OpenIncident key={incident.id} incident={incident} />
      ))}
      <RouterLink href={jobAddress(job.id, 'incidents')}>All incidents of the job</RouterLink>
    </Alert>
  );
}

function OpenIncident({ incident }: { incident: JobDetail['incidents'][number] }) {
  const { note, owner, next, reportedByName, openedAt } = incident;
  return (
    <Box>
      {note && `${sentence(note)} `}
      Reported by {reportedByName}, <Instant at={openedAt} />.
      <Box>
        <strong>Next, for the {owner}:</strong> {sentence(next)}
      </Box>
    </Box>
  );
}
