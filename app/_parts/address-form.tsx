'use client';

import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import {
  ADDRESS_FIELD_NAMES,
  ADDRESS_FIELDS,
  type Address,
  addressProblems,
  COUNTRY_RULES,
} from '../../lib/domain/addresses.ts';
import { COUNTRY_CODES } from '../../lib/domain/countries.ts';
import { isWord } from '../../lib/domain/words.ts';
import { sentence } from '../_ui/failure.tsx';
import { TextField } from '../_ui/text-field.tsx';
import { countryName } from './country-name.ts';

/** Countries in the order of their English names. */
const COUNTRIES = COUNTRY_CODES.map((value) => ({ value, label: countryName(value) })).sort(
  (a, b) => a.label.localeCompare(b.label, 'en'),
);

export const EMPTY_ADDRESS: Address = {
  name: '',
  company: '',
  street1: '',
  street2: '',
  street3: '',
  city: '',
  stateOrProvince: '',
  prefectureOrDistrict: '',
  landmark: '',
  country: '',
  postalCode: '',
  phoneNumber: '',
  isRestricted: false,
  type: 'delivery',
};

const AUTOCOMPLETE: Partial<Record<keyof Address, string>> = {
  name: 'name',
  company: 'organization',
  street1: 'address-line1',
  street2: 'address-line2',
  street3: 'address-line3',
  city: 'address-level2',
  stateOrProvince: 'address-level1',
  postalCode: 'postal-code',
  phoneNumber: 'tel',
};

interface AddressFormProps {
  value: Address;
  onChange: (address: Address) => void;
  /** Says what is wrong beside the fields; from the first try to save on. */
  showProblems: boolean;
}

/** The fields of an address, with its rules told beside them. */
export function AddressForm({ value, onChange, showProblems }: AddressFormProps) {
  const problems = showProblems ? addressProblems(value) : [];
  const problemOf = (field: keyof Address) => {
    const found = problems.find((problem) => problem.field === field);
    return found && sentence(found.problem);
  };
  const rule = isWord(COUNTRY_CODES, value.country) ? COUNTRY_RULES[value.country] : undefined;
  const hints: Partial<Record<keyof Address, string>> = {
    street1: 'A street and number. Carriers do not deliver to post boxes.',
    phoneNumber: 'The carrier calls it, such as +49 30 1234567',
    ...(rule && { postalCode: `Such as ${rule.example}` }),
  };
  const label = (field: keyof typeof ADDRESS_FIELDS) => {
    const { label: text, required } = ADDRESS_FIELDS[field];
    const needed = required || (rule && (field === 'postalCode' || (rule.state && isState(field))));
    return needed ? text : `${text} – optional`;
  };
  return (
    <SpaceBetween size="m">
      <FormField label="How the device gets there">
        <RadioGroup
          value={value.type}
          items={[
            { value: 'delivery', label: 'A carrier brings it' },
            { value: 'pickup', label: 'A person fetches it there' },
          ]}
          onChange={({ detail }) =>
            onChange({ ...value, type: detail.value === 'pickup' ? 'pickup' : 'delivery' })
          }
        />
      </FormField>
      <ColumnLayout columns={2}>
        {ADDRESS_FIELD_NAMES.map((field) =>
          field === 'country' ? (
            <FormField key={field} label={label(field)} errorText={problemOf(field)} stretch>
              <Select
                filteringType="auto"
                placeholder="Choose a country"
                options={COUNTRIES}
                selectedOption={COUNTRIES.find((row) => row.value === value.country) ?? null}
                onChange={({ detail }) =>
                  onChange({ ...value, country: detail.selectedOption.value ?? '' })
                }
              />
            </FormField>
          ) : (
            <TextField
              key={field}
              label={label(field)}
              value={value[field]}
              error={problemOf(field)}
              autoComplete={AUTOCOMPLETE[field] ?? 'off'}
              {...(hints[field] && { constraint: hints[field] })}
              onChange={(text) => onChange({ ...value, [field]: text })}
            />
          ),
        )}
      </ColumnLayout>
      <Checkbox
        checked={value.isRestricted}
        description="The carrier gives the device to nobody else."
        onChange={({ detail }) => onChange({ ...value, isRestricted: detail.checked })}
      >
        Only to the person named
      </Checkbox>
    </SpaceBetween>
  );
}

const isState = (field: string): boolean => field === 'stateOrProvince';
