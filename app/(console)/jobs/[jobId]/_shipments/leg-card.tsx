'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Steps, { type StepsProps } from '@cloudscape-design/components/steps';
import { routeUrl } from '../../../../../lib/api/client.ts';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import { WIRE } from '../../../../../lib/api/wire.ts';
import { addressLines } from '../../../../../lib/domain/addresses.ts';
import { FINAL_STATES } from '../../../../../lib/domain/lifecycle.ts';
import { permits } from '../../../../../lib/domain/permissions.ts';
import { paperRefusal } from '../../../../../lib/domain/shipments.ts';
import { compareSeals, describeSeals, sealsAgree } from '../../../../../lib/domain/tamper-seals.ts';
import type { Leg } from '../../../../../lib/domain/words.ts';
import { usePerson } from '../../../../_data/session.tsx';
import { inOneText } from '../../../../_ui/failure.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import type { JobPartProps } from '../job-part.ts';

type Shipment = JobDetail['shipments'][number];

const TITLES: Record<Leg, string> = { 'to-site': 'To the site', 'to-facility': 'To the facility' };
const PAPERS = [
  { text: 'Label', path: WIRE.getLabel.path },
  { text: 'Packing slip', path: WIRE.getPackingSlip.path },
];

/** One way of the device: its papers, and the story from hand-over to arrival. */
export function LegCard({ job, leg, onOpenDialog }: JobPartProps & { leg: Leg }) {
  const { role } = usePerson();
  const shipment = job.shipments.findLast((one) => one.leg === leg);
  const isUnderWay = shipment !== undefined && shipment.arrivedAt === null;
  const isLast = job.shipments.at(-1)?.id === shipment?.id;
  const mayCompare =
    isLast &&
    shipment !== undefined &&
    shipment.arrivedAt !== null &&
    shipment.arrivalSeals === null &&
    job.manageable &&
    permits(role, 'job.incident');
  const mayScan = isUnderWay && job.manageable && permits(role, 'job.incident');
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {permits(role, 'job.labels') && papersOf(job, leg)}
              {mayScan && !FINAL_STATES.includes(job.state) && (
                <Button onClick={() => onOpenDialog({ what: 'scan' })}>Record scan</Button>
              )}
              {mayCompare && (
                <Button onClick={() => onOpenDialog({ what: 'compare-seals' })}>
                  Compare seals
                </Button>
              )}
            </SpaceBetween>
          }
        >
          {TITLES[leg]}
        </Header>
      }
    >
      {shipment ? (
        <SpaceBetween size="l">
          <Facts shipment={shipment} />
          <Steps
            steps={storyOf(shipment, job.steps)}
            ariaLabel={`Way ${TITLES[leg].toLowerCase()}`}
          />
        </SpaceBetween>
      ) : (
        <Box color="text-body-secondary">
          Not handed to a carrier yet. Carrier, tracking number and tamper seals are noted when it
          is.
        </Box>
      )}
    </Container>
  );
}

/** Label and packing slip as PDF, once they are released. */
function papersOf(job: JobDetail, leg: Leg) {
  const refusal = paperRefusal(job, leg);
  return PAPERS.map(({ text, path }) => (
    <Button
      key={text}
      iconName="download"
      ariaLabel={`${text} ${TITLES[leg].toLowerCase()}`}
      {...(refusal
        ? {
            disabled: true,
            disabledReason: inOneText(refusal),
          }
        : { href: routeUrl(path, { jobId: job.id }, { leg }), download: true })}
    >
      {text}
    </Button>
  ));
}

function Facts({ shipment }: { shipment: Shipment }) {
  const { carrier, service, trackingNumber, sealNumbers, destination } = shipment;
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'Carrier', value: [carrier || '–', service].filter(Boolean).join(', ') },
        { label: 'Tracking number', value: trackingNumber || '–' },
        { label: 'Tamper seals', value: sealNumbers.join(', ') || 'none noted' },
        { label: 'Seals on arrival', value: sealsOnArrival(shipment) },
        { label: 'Sent to', value: destination ? addressLines(destination).join(', ') : '–' },
      ]}
    />
  );
}

/** Whether the seals of the arrival are those of the departure. */
function sealsOnArrival({ arrivedAt, sealNumbers, arrivalSeals }: Shipment) {
  if (!arrivedAt) return '–';
  if (!arrivalSeals) return 'not compared';
  const comparison = compareSeals(sealNumbers, arrivalSeals);
  const type = sealsAgree(comparison) ? 'success' : 'error';
  return <StatusIndicator type={type}>{describeSeals(comparison)}</StatusIndicator>;
}

/** Hand-over, scans and arrival, oldest first. */
function storyOf(
  { shippedAt, handedOverByName, scans, arrivedAt }: Shipment,
  steps: JobDetail['steps'],
): StepsProps.Step[] {
  const taker = steps.find(({ at }) => at === arrivedAt)?.by;
  const seen = scans.map(
    ({ at, by, place, note }): StepsProps.Step => ({
      status: 'success',
      statusIconAriaLabel: 'seen',
      header: place,
      details: (
        <>
          <Instant at={at} />, recorded by {by}
          {note && `: ${note}`}
        </>
      ),
    }),
  );
  return [
    {
      status: 'success',
      statusIconAriaLabel: 'done',
      header: 'Handed to the carrier',
      details: (
        <>
          <Instant at={shippedAt} /> by {handedOverByName}
        </>
      ),
    },
    ...seen,
    arrivedAt
      ? {
          status: 'success',
          statusIconAriaLabel: 'done',
          header: 'Arrived',
          details: (
            <>
              <Instant at={arrivedAt} />
              {taker && `, taken over by ${taker}`}
            </>
          ),
        }
      : { status: 'in-progress', statusIconAriaLabel: 'now', header: 'On its way' },
  ];
}
