'use client';

import BarChart from '@cloudscape-design/components/bar-chart';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { useState } from 'react';
import type { CallResult } from '../../lib/api/client.ts';
import type { JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { counted } from '../../lib/domain/counted.ts';
import { INCIDENTS } from '../../lib/domain/incidents.ts';
import type { ActionOffer } from '../../lib/domain/lifecycle.ts';
import { nextStepOf } from '../../lib/domain/next-step.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { DEVICE_STATES } from '../../lib/domain/words.ts';
import { RouterButton, RouterLink } from '../_ui/router-link.tsx';
import { usePerson } from '../_ui/session.tsx';
import { DeviceStatus } from '../_ui/status.tsx';
import { ActDialog, offersOf } from './jobs/bulk-actions.tsx';

type Overview = CallResult<'overview'>;

/** The step that moves a job on: a button when the person may do it now, else the way to where it is told. */
export function NextStep({ job }: { job: JobSummary }) {
  const { role } = usePerson();
  const [chosen, setChosen] = useState<ActionOffer>();
  const step = nextStepOf(job);
  const next = offersOf(job, role).find(
    ({ allowed, action }) => allowed && action === step?.action,
  );
  const href = `/jobs/${job.id}`;
  if (job.incident) {
    const { label } = INCIDENTS[job.incident];
    return (
      <RouterButton href={href} ariaLabel={`${label}: open ${job.name}`}>
        {label}
      </RouterButton>
    );
  }
  if (!next) return <RouterLink href={href}>{step?.what ?? 'Open'}</RouterLink>;
  return (
    <>
      <Button ariaLabel={`${next.label}: ${job.name}`} onClick={() => setChosen(next)}>
        {next.label}
      </Button>
      {chosen && <ActDialog jobs={[job]} offer={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

/** Bytes of the jobs that were completed, a bar a day. */
export function MovedChart({ days }: { days: Overview['days'] }) {
  const bars = (name: 'imported' | 'exported') =>
    days.map(({ day, [name]: y }) => ({ x: day.slice(5), y }));
  const anyMoved = days.some(({ imported, exported }) => imported + exported > 0);
  return (
    <Container header={<Header variant="h2">Moved in the last 30 days</Header>}>
      <BarChart
        stackedBars
        hideFilter
        height={200}
        xScaleType="categorical"
        xDomain={days.map(({ day }) => day.slice(5))}
        ariaLabel="Bytes of completed jobs, a bar a day"
        series={
          anyMoved
            ? [
                {
                  ...{ type: 'bar', title: 'Imported', data: bars('imported') },
                  valueFormatter: formatBytes,
                },
                {
                  ...{ type: 'bar', title: 'Exported', data: bars('exported') },
                  valueFormatter: formatBytes,
                },
              ]
            : []
        }
        i18nStrings={{ yTickFormatter: formatBytes }}
        empty="No job was completed in these days. A completed import or export adds its bytes here."
      />
    </Container>
  );
}

/** "2 jobs, 40.0 TB sealed": a device that goes out to be filled carries nothing. */
function movingWords({ jobs, bytes }: Overview['moving']): string {
  if (jobs === 0) return 'Nothing';
  return `${counted(jobs, 'job')}, ${bytes > 0 ? `${formatBytes(bytes)} sealed` : 'no data on board'}`;
}

/** Where the devices are, and how much sealed data travels. */
export function PlacesCard({ overview }: { overview: Overview }) {
  const { devices, moving } = overview;
  return (
    <Container header={<Header variant="h2">Devices and data on the move</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'On the move', value: movingWords(moving) },
          ...DEVICE_STATES.filter((state) => devices[state]).map((state) => ({
            label: <DeviceStatus state={state} />,
            value: (
              <RouterLink href={`/devices?state=${state}`}>{String(devices[state])}</RouterLink>
            ),
          })),
        ]}
      />
    </Container>
  );
}
