'use client';

import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import {
  ARCHIVE_UNIT_HINTS,
  ARCHIVE_UNIT_LABELS,
  ARCHIVE_UNITS_OF,
} from '../../../../lib/domain/archives.ts';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { OVERWRITE_WORDS } from '../../../../lib/domain/overwriting.ts';
import { reportPlace } from '../../../../lib/domain/report-place.ts';
import { OVERWRITE_POLICIES } from '../../../../lib/domain/words.ts';
import { STORE_KIND_WORDS, storeKinds } from '../../../_parts/store-words.ts';
import { TextField } from '../../../_ui/text-field.tsx';
import { BucketCheck } from './bucket-check.tsx';
import type { Draft } from './draft.ts';
import { StepFrame } from './step-frame.tsx';
import type { StepProps } from './step-props.ts';

/** Where the objects go, or come from. */
export function StoreStep({ draft, onChange, stores }: StepProps) {
  const { importInto, exportFrom } = OPTION_RULES[draft.option];
  const allowed = draft.type === 'import' ? importInto : exportFrom;
  const options = stores
    .filter(({ kind }) => allowed.includes(kind))
    .map(({ id, name, kind }) => ({
      value: id,
      label: name,
      description: `${id}, ${STORE_KIND_WORDS[kind]}`,
    }));
  const kindOf = (id: string) => stores.find((store) => store.id === id)?.kind ?? 'directory';
  const units = ARCHIVE_UNITS_OF[kindOf(draft.storeId)];
  // What another store does not offer is not asked of it.
  const choose = (storeId: string) => {
    const offered = ARCHIVE_UNITS_OF[kindOf(storeId)].includes(draft.archive);
    onChange({ ...draft, storeId, archive: offered ? draft.archive : 'object' });
  };
  const settings = stores.find(({ id }) => id === draft.storeId)?.settings;
  const place = reportPlace(settings?.reports, draft.bucket || 'BUCKET');
  const set = (name: keyof Draft) => (value: string) => onChange({ ...draft, [name]: value });
  return (
    <StepFrame>
      <FormField
        label={draft.type === 'import' ? 'Import into' : 'Export from'}
        constraintText={`This option takes: ${storeKinds(allowed)}`}
      >
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === draft.storeId) ?? null}
          placeholder="Choose a store"
          empty="No store that this option takes"
          onChange={({ detail }) => choose(detail.selectedOption.value ?? '')}
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
      {draft.type === 'import' && units.length > 1 && (
        <FormField label="One archive is">
          <RadioGroup
            value={draft.archive}
            items={units.map((value) => ({
              value,
              label: ARCHIVE_UNIT_LABELS[value],
              description: ARCHIVE_UNIT_HINTS[value],
            }))}
            onChange={({ detail }) => set('archive')(detail.value)}
          />
        </FormField>
      )}
      {draft.type === 'import' && (
        <FormField
          label="Objects that are there already"
          description="Where a key is taken in the bucket when the device is imported"
        >
          <RadioGroup
            value={draft.overwritePolicy}
            items={OVERWRITE_POLICIES.map((value) => ({ value, label: OVERWRITE_WORDS[value] }))}
            onChange={({ detail }) => set('overwritePolicy')(detail.value)}
          />
        </FormField>
      )}
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
      {draft.type === 'export' && (
        <Checkbox
          checked={draft.includeReports}
          description={`By default what lies under ${place.bucket}/${place.prefix} stays behind`}
          onChange={({ detail }) => onChange({ ...draft, includeReports: detail.checked })}
        >
          Take the completion reports in the bucket, too
        </Checkbox>
      )}
      {draft.type === 'import' && (
        <Box color="text-body-secondary">
          The completion report will lie in the store, under {place.bucket}/{place.prefix} (a
          setting of the store), and in the console.
        </Box>
      )}
      <Checkbox
        checked={draft.skipStoreCheck}
        description="When only stations reach the store: the station tries it before it prepares a device"
        onChange={({ detail }) => onChange({ ...draft, skipStoreCheck: detail.checked })}
      >
        Do not try the bucket when the job is created
      </Checkbox>
      <BucketCheck key={`${draft.storeId}/${draft.bucket}`} {...draft} />
    </StepFrame>
  );
}
