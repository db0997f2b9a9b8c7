'use client';

import SpaceBetween from '@cloudscape-design/components/space-between';
import { TextField } from '../../_ui/text-field.tsx';

/** A shipment as it is typed in. */
export interface TypedShipment {
  carrier: string;
  service: string;
  trackingNumber: string;
  /** Separated by commas or spaces. */
  seals: string;
}
export const EMPTY_SHIPMENT: TypedShipment = {
  carrier: '',
  service: '',
  trackingNumber: '',
  seals: '',
};

/** Numbers that are typed in one line, separated by commas or spaces. */
export const numbersIn = (text: string): string[] =>
  text.split(/[\s,;]+/).filter((number) => number !== '');

/** As the API takes it. */
export function shipmentOf({ carrier, service, trackingNumber, seals }: TypedShipment) {
  return { carrier, service, trackingNumber, sealNumbers: numbersIn(seals) };
}

interface ShipmentFormProps {
  shipment: TypedShipment;
  onChange: (shipment: TypedShipment) => void;
}

export function ShipmentForm({ shipment, onChange }: ShipmentFormProps) {
  const field = (name: keyof TypedShipment) => ({
    value: shipment[name],
    onChange: (value: string) => onChange({ ...shipment, [name]: value }),
  });
  return (
    <SpaceBetween size="s">
      <TextField label="Carrier" {...field('carrier')} autoFocus />
      <TextField label="Service (optional)" {...field('service')} />
      <TextField label="Tracking number (optional)" {...field('trackingNumber')} />
      <TextField
        label="Numbers of the tamper seals (optional)"
        constraint="Separated by commas"
        {...field('seals')}
      />
    </SpaceBetween>
  );
}
