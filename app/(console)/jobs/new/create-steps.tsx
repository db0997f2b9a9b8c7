'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import Toggle from '@cloudscape-design/components/toggle';
import type { CallResult } from '../../../../lib/api/client.ts';
import { describeSizes, OPTION_RULES } from '../../../../lib/domain/options.ts';
import { ORIGINALS } from '../../../../lib/domain/processing.ts';
import { stepRule } from '../../../../lib/domain/processing-steps.ts';
import { type JobType, OPTIONS, type Option } from '../../../../lib/domain/words.ts';
import { Command } from '../../../_ui/copyable.tsx';
import { TextField } from '../../../_ui/text-field.tsx';
import { BucketCheck } from './bucket-check.tsx';
import { serviceOf, toldOf } from './delivery-step.tsx';
import { createCommand, type Draft, offeredSizes, withOption } from './draft.ts';
import { takesSteps } from './draft-plan.ts';
import { OptionAdviser } from './option-adviser.tsx';
import { OptionComparison } from './option-comparison.tsx';
import { ShipOrSend } from './ship-or-send-card.tsx';
import { StepFrame } from './step-frame.tsx';

export interface StepProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  stores: CallResult<'listStores'>['stores'];
  addresses: CallResult<'listAddresses'>['addresses'];
  targets: CallResult<'listTargets'>['targets'];
  /** Back to a step, from the review. */
  onEdit: (step: number) => void;
}

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

export function StoreStep({ draft, onChange, stores }: StepProps) {
  const { importInto, exportFrom } = OPTION_RULES[draft.option];
  const allowed = draft.type === 'import' ? importInto : exportFrom;
  const options = stores
    .filter(({ kind }) => allowed.includes(kind))
    .map(({ id, name, kind }) => ({ value: id, label: name, description: `${id}, ${kind}` }));
  const set = (name: keyof Draft) => (value: string) => onChange({ ...draft, [name]: value });
  return (
    <StepFrame>
      <FormField
        label={draft.type === 'import' ? 'Import into' : 'Export from'}
        constraintText={`This option takes: ${allowed.join(', ')}`}
      >
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === draft.storeId) ?? null}
          placeholder="Choose a store"
          empty="No store that this option takes"
          onChange={({ detail }) => set('storeId')(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <TextField label="Bucket" value={draft.bucket} onChange={set('bucket')} />
      <TextField
        label="Prefix (optional)"
        description={
          draft.type === 'import' ? 'Put before every key' : 'Only objects whose key begins with it'
        }
        value={draft.prefix}
        onChange={set('prefix')}
      />
      {draft.type === 'export' && (
        <>
          <TextField
            label="First key (optional)"
            value={draft.rangeBegin}
            onChange={set('rangeBegin')}
          />
          <TextField
            label="Last key (optional)"
            value={draft.rangeEnd}
            onChange={set('rangeEnd')}
          />
        </>
      )}
      <BucketCheck key={`${draft.storeId}/${draft.bucket}`} {...draft} />
    </StepFrame>
  );
}

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

type Reviewed = [title: string, step: number, items: { label: string; value: string }[]];

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
        ...(draft.type === 'export' ? [{ label: 'Keys', value: range }] : []),
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
              { label: 'Steps', value: labels.join(', ') || '–' },
              { label: 'Originals', value: ORIGINALS[processing.originals] },
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
        { label: 'Who is told', value: toldOf(draft, targets) },
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
