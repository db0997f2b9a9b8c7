'use client';

import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Tiles from '@cloudscape-design/components/tiles';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { type JobType, OPTIONS, type Option } from '../../../../lib/domain/words.ts';
import { withOption } from './draft.ts';
import { OptionAdviser } from './option-adviser.tsx';
import { OptionComparison } from './option-comparison.tsx';
import { StepFrame } from './step-frame.tsx';
import type { StepProps } from './step-props.ts';

/** Which option, and which way the data moves. */
export function OptionStep({ draft, onChange }: StepProps) {
  return (
    <StepFrame>
      <FormField label="Option" stretch>
        <Tiles
          value={draft.option}
          items={OPTIONS.map((value) => ({
            value,
            label: OPTION_RULES[value].label,
            description: OPTION_RULES[value].summary,
          }))}
          onChange={({ detail }) => onChange(withOption(draft, detail.value as Option))}
        />
      </FormField>
      <FormField label="Which way does the data move?">
        <RadioGroup
          value={draft.type}
          items={[
            { value: 'import', label: 'Import', description: 'from the site into a store' },
            { value: 'export', label: 'Export', description: 'from a store to the site' },
          ]}
          onChange={({ detail }) => onChange({ ...draft, type: detail.value as JobType })}
        />
      </FormField>
      <OptionAdviser onChoose={(option) => onChange(withOption(draft, option))} />
      <OptionComparison />
    </StepFrame>
  );
}
