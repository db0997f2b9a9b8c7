'use client';

import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { NotificationChoice } from '../../lib/domain/notifications.ts';
import { JOB_STATES } from '../../lib/domain/words.ts';
import { JOB_STATE_SIGNS } from './status.tsx';

const STATES = JOB_STATES.map((value) => ({ value, label: JOB_STATE_SIGNS[value][1] }));

interface ChoiceFieldsProps {
  value: NotificationChoice;
  onChange: (choice: NotificationChoice) => void;
}

/** What is told: all states or some, and what needs attention. */
export function ChoiceFields({ value, onChange }: ChoiceFieldsProps) {
  return (
    <SpaceBetween size="m">
      <FormField label="States of a job">
        <RadioGroup
          value={value.notifyAll ? 'all' : 'some'}
          items={[
            { value: 'all', label: 'All' },
            { value: 'some', label: 'Only some' },
          ]}
          onChange={({ detail }) => onChange({ ...value, notifyAll: detail.value === 'all' })}
        />
      </FormField>
      {!value.notifyAll && (
        <FormField label="Which states">
          <Multiselect
            placeholder="Choose states"
            selectedAriaLabel="Chosen"
            options={STATES}
            selectedOptions={STATES.filter((state) => value.states.includes(state.value))}
            onChange={({ detail }) => {
              const chosen = detail.selectedOptions.map((option) => option.value);
              onChange({ ...value, states: JOB_STATES.filter((state) => chosen.includes(state)) });
            }}
          />
        </FormField>
      )}
      <Checkbox
        checked={value.attention}
        description="An incident was reported or resolved: lost, damaged, never received and the like."
        onChange={({ detail }) => onChange({ ...value, attention: detail.checked })}
      >
        What needs attention
      </Checkbox>
    </SpaceBetween>
  );
}
