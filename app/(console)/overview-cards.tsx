'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Skeleton from '@cloudscape-design/components/skeleton';
import dynamic from 'next/dynamic';
import type { CallResult } from '../../lib/api/client.ts';
import { counted } from '../../lib/domain/counted.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { DEVICE_STATES, JOB_STATES } from '../../lib/domain/words.ts';
import { DEVICE_SIGNS, DeviceStatus, JOB_STATE_SIGNS } from '../_parts/status.tsx';
import { RouterLink } from '../_ui/router-link.tsx';
import { jobsAddress } from './jobs/list-address.ts';

type Overview = CallResult<'overview'>;

interface CountProps {
  /** What is counted, for the accessible name. */
  label: string;
  noun: string;
  href: string;
  count: number;
}

/** A number that leads to what it counts. */
function Count({ label, noun, href, count }: CountProps) {
  return (
    <RouterLink
      href={href}
      variant="secondary"
      fontSize="display-l"
      ariaLabel={`${label}: ${counted(count, noun)}`}
    >
      {count.toLocaleString('en')}
    </RouterLink>
  );
}

/** Keeps the place of what is loading, so that nothing jumps. */
const loadingItems = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: String(i),
    label: <Skeleton width="8em" />,
    value: <Skeleton variant="text-display-l" width="2em" />,
  }));

/** How many jobs are in each state. */
export function StatesCard({ counts }: { counts: CallResult<'jobCounts'> | undefined }) {
  const count = (label: string, filter: string, n: number) => ({
    label,
    value: <Count label={label} noun="job" href={jobsAddress(filter)} count={n} />,
  });
  return (
    <Container header={<Header variant="h2">Jobs by state</Header>}>
      <KeyValuePairs
        columns={4}
        items={
          counts
            ? [
                count('Needs attention', 'attention = yes', counts.attention),
                ...JOB_STATES.filter((state) => counts.states[state]).map((state) =>
                  count(JOB_STATE_SIGNS[state][1], `state = ${state}`, counts.states[state] ?? 0),
                ),
              ]
            : loadingItems(8)
        }
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
export function PlacesCard({ overview }: { overview: Overview | undefined }) {
  const known = overview && DEVICE_STATES.filter((state) => overview.devices[state]);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={overview && `On the move: ${movingWords(overview.moving).toLowerCase()}`}
        >
          Devices and data on the move
        </Header>
      }
    >
      {known?.length === 0 ? (
        'No device yet. A station adds an appliance when it prepares it for its first job.'
      ) : (
        <KeyValuePairs
          columns={4}
          items={
            known
              ? known.map((state) => ({
                  id: state,
                  label: <DeviceStatus state={state} />,
                  value: (
                    <Count
                      label={DEVICE_SIGNS[state][1]}
                      noun="device"
                      href={`/devices?state=${state}`}
                      count={overview?.devices[state] ?? 0}
                    />
                  ),
                }))
              : loadingItems(4)
          }
        />
      )}
    </Container>
  );
}

const PLOT_PX = 200;
/** Of the plot with its axis and legend. */
const CHART_PX = 272;

/** Charts are large: they come when the page stands. Their place is kept, so that nothing jumps. */
const MovedChart = dynamic(() => import('./moved-chart.tsx'), {
  ssr: false,
  loading: () => <Skeleton height={`${CHART_PX}px`} />,
});

/** What was moved, day by day. */
export function MovedCard({ days }: { days: Overview['days'] | undefined }) {
  return (
    <Container header={<Header variant="h2">Moved in the last 30 days</Header>}>
      {days ? <MovedChart days={days} height={PLOT_PX} /> : <Skeleton height={`${CHART_PX}px`} />}
    </Container>
  );
}
