'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { ARCHIVE_UNIT_LABELS } from '../../../../lib/domain/archives.ts';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { OVERWRITE_WORDS } from '../../../../lib/domain/overwriting.ts';
import { ORIGINALS } from '../../../../lib/domain/processing.ts';
import { stepRule } from '../../../../lib/domain/processing-steps.ts';
import { Command } from '../../../_ui/copyable.tsx';
import { TextField } from '../../../_ui/text-field.tsx';
import { describeNotification, serviceOf } from './delivery-step.tsx';
import { createCommand } from './draft.ts';
import { takesSteps } from './draft-plan.ts';
import { StepFrame } from './step-frame.tsx';
import type { StepProps } from './step-props.ts';

type Reviewed = [title: string, step: number, items: { label: string; value: string }[]];

/** All that was chosen, each part with the way back to it. */
export function ReviewStep(props: StepProps) {
  const { draft, onChange, stores, addresses, targets, onEdit } = props;
  const { label, managedInConsole } = OPTION_RULES[draft.option];
  const store = stores.find(({ id }) => id === draft.storeId);
  const address = addresses.find(({ id }) => id === draft.addressId);
  const range = [draft.rangeBegin, draft.rangeEnd].map((key) => key || '–').join(' to ');
  const { processing } = draft;
  const labels = processing.steps.map(({ step }) => stepRule(step).label);
  const reviewed: Reviewed[] = [
    [
      'Option and type',
      0,
      [
        { label: 'Option', value: label },
        { label: 'Type', value: draft.type },
      ],
    ],
    [
      'Store',
      1,
      [
        { label: 'Store', value: store?.name ?? draft.storeId },
        { label: 'Bucket', value: draft.bucket },
        { label: 'Prefix', value: draft.prefix || '–' },
        ...(draft.type === 'import'
          ? [
              {
                label: 'Objects that are there already',
                value: OVERWRITE_WORDS[draft.overwritePolicy],
              },
            ]
          : []),
        ...(draft.type === 'export'
          ? [
              { label: 'Keys', value: range },
              { label: 'Completion reports', value: draft.includeReports ? 'taken' : 'left out' },
            ]
          : []),
        ...(draft.skipStoreCheck
          ? [{ label: 'Trial of the bucket', value: 'by the station, later' }]
          : []),
        ...(draft.type === 'import' && store?.kind === 'glacier'
          ? [{ label: 'One archive is', value: ARCHIVE_UNIT_LABELS[draft.archive] }]
          : []),
      ],
    ],
    [
      'Device',
      2,
      [
        { label: 'Device size', value: draft.size },
        { label: 'Encryption', value: draft.encrypted ? 'on' : 'off' },
      ],
    ],
    ...(takesSteps(draft)
      ? [
          [
            'Processing',
            3,
            [
              { label: 'Steps', value: labels.join(', ') || 'none' },
              ...(labels.length > 0
                ? [{ label: 'Originals', value: ORIGINALS[processing.originals] }]
                : []),
            ],
          ] as Reviewed,
        ]
      : []),
    [
      'Shipping and notifications',
      takesSteps(draft) ? 4 : 3,
      [
        { label: 'Address of the site', value: address?.name ?? '–' },
        { label: 'Shipping service', value: serviceOf(draft) },
        { label: 'Who is told', value: describeNotification(draft, targets) },
      ],
    ],
  ];
  return (
    <StepFrame>
      <TextField
        label="Name of the job"
        value={draft.name}
        onChange={(name) => onChange({ ...draft, name })}
      />
      {reviewed.map(([title, step, items]) => (
        <SpaceBetween key={title} size="xs">
          <Header
            variant="h3"
            actions={
              <Button ariaLabel={`Edit ${title}`} onClick={() => onEdit(step)}>
                Edit
              </Button>
            }
          >
            {title}
          </Header>
          <KeyValuePairs columns={3} items={items} />
        </SpaceBetween>
      ))}
      {!managedInConsole && (
        <Alert type="info" header="Disk jobs are created by command line or API">
          The console tracks them. This command creates the job:{' '}
          <Command text={createCommand(draft)} />
        </Alert>
      )}
    </StepFrame>
  );
}
