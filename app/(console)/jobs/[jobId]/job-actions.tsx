'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import type { Action } from '../../../../lib/domain/lifecycle.ts';
import { useCall } from '../../../_ui/api.ts';
import { Confirm } from '../../../_ui/confirm.tsx';
import { Command } from '../../../_ui/copyable.tsx';
import { sentence } from '../../../_ui/failure.tsx';
import { useNotify } from '../../../_ui/notices.tsx';
import { JOB_STATE_SIGNS } from '../../../_ui/status.tsx';
import { EMPTY_SHIPMENT, ShipmentForm, shipmentOf } from './shipment-form.tsx';

type Offer = JobDetail['offers'][number];

const SHIPS: Action[] = ['ship-to-site', 'ship-to-facility', 'return'];
/** What follows from an action, where its name does not say it. */
const CONSEQUENCE: Partial<Record<Action, string>> = {
  cancel: 'The job ends here and cannot be taken up again. Nothing has been shipped.',
  close: 'The job ends with errors, wherever its device is. Its credentials stop working.',
  'ship-to-facility': 'The volume cannot be reopened after this.',
};

/** The next actions of a job as buttons: the first that is possible stands out. */
export function JobActions({ job }: { job: JobDetail }) {
  const [chosen, setChosen] = useState<Offer>();
  const visible = job.offers.filter(
    (offer) => offer.allowed || !/may not do this/.test(offer.reason ?? ''),
  );
  const first = visible.find(
    ({ allowed, action }) => allowed && action !== 'cancel' && action !== 'close',
  );
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {visible.map((offer) => (
        <Button
          key={offer.action}
          variant={offer === first ? 'primary' : 'normal'}
          disabled={!offer.allowed}
          {...(!offer.allowed && {
            disabledReason: `${sentence(offer.reason ?? '')} ${sentence(offer.fix ?? '')}`,
          })}
          onClick={() => setChosen(offer)}
        >
          {offer.label}
        </Button>
      ))}
      {chosen && <ActionDialog job={job} offer={chosen} onClose={() => setChosen(undefined)} />}
    </SpaceBetween>
  );
}

function ActionDialog({
  job,
  offer,
  onClose,
}: {
  job: JobDetail;
  offer: Offer;
  onClose: () => void;
}) {
  const notify = useNotify();
  const [shipment, setShipment] = useState(EMPTY_SHIPMENT);
  const ships = SHIPS.includes(offer.action);
  const call = useCall('actOnJob', (after) => {
    notify('success', `${job.name}: ${JOB_STATE_SIGNS[after.state][1].toLowerCase()}.`);
    onClose();
  });
  const byStation = offer.command.startsWith('waybill station');
  return (
    <Confirm
      title={`${offer.label}?`}
      confirm={offer.label}
      busy={call.isPending}
      disabled={ships && shipment.carrier.trim() === ''}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() =>
        call.mutate({
          params: { jobId: job.id },
          body: { action: offer.action, ...(ships && { shipment: shipmentOf(shipment) }) },
        })
      }
    >
      <Box>
        The job {job.name} becomes “{JOB_STATE_SIGNS[offer.to][1]}”. {CONSEQUENCE[offer.action]}
      </Box>
      {byStation && (
        <Box>
          The work itself is done by a station of the facility, which also does this step:{' '}
          <Command text={offer.command} />
        </Box>
      )}
      {ships && <ShipmentForm shipment={shipment} onChange={setShipment} />}
    </Confirm>
  );
}
