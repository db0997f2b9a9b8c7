'use client';

import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { isWord, PEOPLE_ROLES, type PersonRole } from '../../../lib/domain/words.ts';

const ROLE_WORDS: Record<PersonRole, string> = {
  viewer: 'Viewer: sees everything, changes nothing',
  operator: 'Operator: creates jobs and works at the site',
  facility: 'Facility: prepares, ships, receives and imports',
  admin: 'Administrator: everything, and people',
};

interface RoleFieldProps {
  role: PersonRole;
  onChange: (role: PersonRole) => void;
}

/** A role, with what it is for. */
export function RoleField({ role, onChange }: RoleFieldProps) {
  const options = PEOPLE_ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }));
  return (
    <FormField label="Role">
      <Select
        options={options}
        selectedOption={options.find(({ value }) => value === role) ?? null}
        onChange={({ detail }) => {
          const { value } = detail.selectedOption;
          if (isWord(PEOPLE_ROLES, value)) onChange(value);
        }}
      />
    </FormField>
  );
}
