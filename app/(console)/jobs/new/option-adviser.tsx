'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { adviseOption, type Need } from '../../../../lib/domain/ship-or-send.ts';
import type { Option } from '../../../../lib/domain/words.ts';

const QUESTIONS: readonly { need: keyof Need; text: string }[] = [
  { need: 'ownDisk', text: 'I have a disk of my own to send (up to 16 TB)' },
  { need: 'archiveOrImage', text: 'It goes into a Glacier archive or becomes an EBS snapshot' },
  { need: 'processing', text: 'Data has to be processed before it comes back' },
];

/** Asks what decides between the options, and says which one fits. */
export function OptionAdviser({ onChoose }: { onChoose: (option: Option) => void }) {
  const [need, setNeed] = useState<Need>({
    ownDisk: false,
    processing: false,
    archiveOrImage: false,
  });
  const { option, why } = adviseOption(need);
  const { label } = OPTION_RULES[option];
  return (
    <ExpandableSection headerText="Which one do I need?" variant="footer">
      <SpaceBetween size="s">
        {QUESTIONS.map(({ need: name, text }) => (
          <Checkbox
            key={name}
            checked={need[name]}
            onChange={({ detail }) => setNeed({ ...need, [name]: detail.checked })}
          >
            {text}
          </Checkbox>
        ))}
        <Alert
          type="info"
          header={label}
          action={<Button onClick={() => onChoose(option)}>Choose {label}</Button>}
        >
          It fits because {why}.
        </Alert>
      </SpaceBetween>
    </ExpandableSection>
  );
}
