'use client';

import Box from '@cloudscape-design/components/box';
import { type ComponentProps, useState } from 'react';
import type { BodyInput } from '../../../lib/api/contract.ts';
import type { Action, ActionOffer } from '../../../lib/domain/lifecycle.ts';
import { ARRIVALS, LEG_OF } from '../../../lib/domain/shipments.ts';
import { Command } from '../../_ui/copyable.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { JOB_STATE_SIGNS } from '../../_ui/status.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { ArrivalSeals, sealsOf, type TypedSeals } from './arrival-seals.tsx';
import { EMPTY_SHIPMENT, ShipmentForm, shipmentOf } from './shipment-form.tsx';

/** What follows from an action, beside the new state. */
const CONSEQUENCES: Partial<Record<Action, string>> = {
  cancel: 'That cannot be taken back. Nothing has been shipped.',
  close:
    'It ends with errors, wherever its device is; its credentials stop working for good, and failed objects are not tried again.',
  deliver: 'Manifest and unlock code can be had from then on.',
  'ship-to-facility': 'Credentials cannot be had after this, and the volume stays as it is.',
  complete: 'The job ends, and its credentials with it.',
};

/** What an action is done with. */
export type ActionFacts = Omit<BodyInput<'actOnJobs'>, 'action' | 'jobIds'>;

interface ActionConfirmProps {
  offer: ActionOffer;
  jobs: readonly { id: string; name: string }[];
  /** Tamper seals that the device left with, to be compared. */
  sealNumbers?: readonly string[];
  call: ComponentProps<typeof CallDialog>['call'];
  onConfirm: (facts: ActionFacts) => void;
  onClose: () => void;
}

/** Asks before an action of the lifecycle is done: what follows from it, and what has to be told about it. */
export function ActionConfirm(props: ActionConfirmProps) {
  const { offer, jobs, sealNumbers = [] } = props;
  const [shipment, setShipment] = useState(EMPTY_SHIPMENT);
  const [seals, setSeals] = useState<Record<string, TypedSeals>>({});
  const [note, setNote] = useState('');
  const ships = LEG_OF[offer.action] !== undefined;
  const arrives = ARRIVALS.includes(offer.action);
  const [first] = jobs;
  const subject =
    first && jobs.length === 1 ? `The job ${first.name} becomes` : `${jobs.length} jobs become`;
  return (
    <CallDialog
      title={`${offer.label}?`}
      confirm={offer.label}
      call={props.call}
      disabled={ships && shipment.carrier.trim() === ''}
      onClose={props.onClose}
      onConfirm={() =>
        props.onConfirm({
          ...(ships && { shipment: shipmentOf(shipment) }),
          ...(arrives && { sealNumbersOf: sealNumbersOf(seals) }),
          ...(note.trim() !== '' && { note }),
        })
      }
    >
      <Box>
        {subject} “{JOB_STATE_SIGNS[offer.to][1]}”. {CONSEQUENCES[offer.action]}
      </Box>
      {arrives && sealNumbers.length > 0 && <Box>Tamper seals: {sealNumbers.join(', ')}</Box>}
      {arrives && (
        <ArrivalSeals
          jobs={jobs}
          typed={seals}
          onChange={(jobId, typed) => setSeals({ ...seals, [jobId]: typed })}
        />
      )}
      {offer.command.startsWith('waybill station') && (
        <Box>
          The work itself is done by a station of the facility, which also does this step:{' '}
          <Command text={offer.command} />
        </Box>
      )}
      {ships && <ShipmentForm shipment={shipment} onChange={setShipment} />}
      <TextField label="Note for the custody log (optional)" value={note} onChange={setNote} />
    </CallDialog>
  );
}

/** What was typed, without the devices that nobody looked at. */
const sealNumbersOf = (typed: Readonly<Record<string, TypedSeals>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(typed).flatMap(([jobId, seals]) => {
      const numbers = sealsOf(seals);
      return numbers ? [[jobId, numbers]] : [];
    }),
  );
