'use client';

import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { DeviceFilter } from '../../../lib/api/schemas/device-schemas.ts';
import { DEVICE_OWNERS, DEVICE_STATES, isWord } from '../../../lib/domain/words.ts';
import { DEVICE_SIGNS } from '../../_parts/status.tsx';
import { SearchField } from '../../_ui/search-field.tsx';
import { OWNER_WORDS } from './device-words.tsx';

const ANY = 'any';
const STATES = [
  { value: ANY, label: 'Any state' },
  ...DEVICE_STATES.map((value) => ({ value, label: DEVICE_SIGNS[value][1] })),
];
const OWNERS = [
  { value: ANY, label: 'Any kind' },
  ...DEVICE_OWNERS.map((value) => ({ value, label: OWNER_WORDS[value] })),
];

interface DevicesFilterProps {
  value: DeviceFilter;
  onChange: (filter: DeviceFilter) => void;
}

/** Text, state and kind; the server does the filtering. */
export function DevicesFilter({ value, onChange }: DevicesFilterProps) {
  const { text: _text, ...others } = value;
  const { state: _state, ...butState } = value;
  const { owner: _owner, ...butOwner } = value;
  return (
    <SpaceBetween direction="horizontal" size="s">
      <SearchField
        label="Find by id or note"
        value={value.text ?? ''}
        onSearch={(text) => onChange({ ...others, ...(text && { text }) })}
      />
      <Select
        ariaLabel="State of the devices"
        options={STATES}
        selectedOption={STATES.find((one) => one.value === (value.state ?? ANY)) ?? null}
        onChange={({ detail }) => {
          const state = detail.selectedOption.value;
          onChange({ ...butState, ...(isWord(DEVICE_STATES, state) && { state }) });
        }}
      />
      <Select
        ariaLabel="Kind of the devices"
        options={OWNERS}
        selectedOption={OWNERS.find((one) => one.value === (value.owner ?? ANY)) ?? null}
        onChange={({ detail }) => {
          const owner = detail.selectedOption.value;
          onChange({ ...butOwner, ...(isWord(DEVICE_OWNERS, owner) && { owner }) });
        }}
      />
    </SpaceBetween>
  );
}
