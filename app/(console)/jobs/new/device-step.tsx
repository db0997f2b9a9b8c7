'use client';

import FormField from '@cloudscape-design/components/form-field';
import Tiles from '@cloudscape-design/components/tiles';
import Toggle from '@cloudscape-design/components/toggle';
import { describeSizes, OPTION_RULES } from '../../../../lib/domain/options.ts';
import { TextField } from '../../../_ui/text-field.tsx';
import { offeredSizes } from './draft.ts';
import { ShipOrSend } from './ship-or-send-card.tsx';
import { StepFrame } from './step-frame.tsx';
import type { StepProps } from './step-props.ts';

/** How large a device, and whether what is on it is encrypted. */
export function DeviceStep({ draft, onChange }: StepProps) {
  const offered = offeredSizes(draft.option);
  const optional = OPTION_RULES[draft.option].encryption === 'optional';
  return (
    <StepFrame>
      <ShipOrSend option={draft.option} onSize={(size) => onChange({ ...draft, size })} />
      {offered.length > 0 ? (
        <FormField label="Device size">
          <Tiles
            value={draft.size}
            items={offered.map((value) => ({ value, label: value }))}
            onChange={({ detail }) => onChange({ ...draft, size: detail.value })}
          />
        </FormField>
      ) : (
        <TextField
          label="Size of the disk"
          constraint={describeSizes(draft.option)}
          value={draft.size}
          onChange={(size) => onChange({ ...draft, size })}
        />
      )}
      <FormField
        label="Encryption"
        description={
          optional
            ? 'Without it the disk holds a plain BagIt bag that anyone can read.'
            : 'Always on for this option: AES-256-GCM, with a key of its own for each job.'
        }
      >
        <Toggle
          checked={draft.encrypted}
          disabled={!optional}
          onChange={({ detail }) => onChange({ ...draft, encrypted: detail.checked })}
        >
          Encrypt what is on the device
        </Toggle>
      </FormField>
    </StepFrame>
  );
}
