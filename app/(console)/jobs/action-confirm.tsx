'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import { type ComponentProps, useState } from 'react';
import type { BodyInput } from '../../../lib/api/contract.ts';
import type { Action } from '../../../lib/domain/lifecycle.ts';
import type { ActionOffer } from '../../../lib/domain/lifecycle-decision.ts';
import { ARRIVALS, LEG_OF } from '../../../lib/domain/shipments.ts';
import { JOB_STATE_SIGNS } from '../../_parts/status.tsx';
import { Command } from '../../_ui/copyable.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';
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
  /** Tamper seals of a single job that nobody compared on arrival; of several jobs it is not known. */
  uncomparedSeals?: readonly string[] | undefined;
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
  const [isWithoutSeals, setWithoutSeals] = useState(false);
  const isAsked = offer.action === 'start-import' && props.uncomparedSeals?.length !== 0;
  const isRequired = isAsked && props.uncomparedSeals !== undefined;
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
      disabled={(ships && shipment.carrier.trim() === '') || (isRequired && !isWithoutSeals)}
      onClose={props.onClose}
      onConfirm={() =>
        props.onConfirm({
          ...(ships && { shipment: shipmentOf(shipment) }),
          ...(arrives && { sealNumbersOf: sealNumbersOf(seals) }),
          ...(isAsked && isWithoutSeals && { withoutSealComparison: true }),
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
      {isAsked && (
        <WithoutSeals
          numbers={props.uncomparedSeals}
          checked={isWithoutSeals}
          onChange={setWithoutSeals}
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

interface WithoutSealsProps {
  numbers: readonly string[] | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** Asks for a word that an import may begin although nobody looked at the tamper seals; the custody log keeps it. */
function WithoutSeals({ numbers, checked, onChange }: WithoutSealsProps) {
  return (
    <>
      {numbers && (
        <Alert type="warning" header="Tamper seals were not compared">
          The device left with {numbers.join(', ')}. Compare them first while they are on the case.
        </Alert>
      )}
      <Checkbox checked={checked} onChange={({ detail }) => onChange(detail.checked)}>
        Begin without comparing the tamper seals; the custody log says so
      </Checkbox>
    </>
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
