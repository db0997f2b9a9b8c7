'use client';

import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { TableProps } from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { isWord, PEOPLE_ROLES, type PersonRole } from '../../../lib/domain/words.ts';
import { useApi, useCall } from '../../_ui/api.ts';
import { Confirm } from '../../_ui/confirm.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { TextField } from '../../_ui/text-field.tsx';

type Person = CallResult<'listPeople'>['people'][number];

const ROLE_WORDS: Record<PersonRole, string> = {
  viewer: 'Viewer: sees everything, changes nothing',
  operator: 'Operator: creates jobs and works at the site',
  facility: 'Facility: prepares, ships, receives and imports',
  admin: 'Administrator: everything, and people',
};

/** Who may sign in, and as what. */
export function PeopleView() {
  const list = useApi('listPeople');
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Person>();
  const columns: TableProps.ColumnDefinition<Person>[] = [
    { id: 'name', header: 'Name', minWidth: 150, isRowHeader: true, cell: (person) => person.name },
    { id: 'email', header: 'E-mail address', minWidth: 200, cell: (person) => person.email },
    { id: 'role', header: 'Role', minWidth: 110, cell: (person) => person.role },
    {
      id: 'state',
      header: 'May sign in',
      minWidth: 120,
      cell: ({ disabled }) => (disabled ? 'no' : 'yes'),
    },
    {
      id: 'created',
      header: 'Since',
      minWidth: 170,
      cell: (person) => <Instant at={person.createdAt} />,
    },
    {
      id: 'change',
      header: 'Change',
      cell: (person) => (
        <Button
          variant="inline-link"
          ariaLabel={`Change ${person.name}`}
          onClick={() => setChanging(person)}
        >
          Change
        </Button>
      ),
    },
  ];
  return (
    <>
      <DataTable
        variant="full-page"
        title="People"
        columns={columns}
        rows={list.data?.people}
        rowId={(person) => person.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={<Button onClick={() => setAdding(true)}>Add person</Button>}
        none="Nobody yet."
      />
      {adding && <AddPerson onClose={() => setAdding(false)} />}
      {changing && <ChangePerson person={changing} onClose={() => setChanging(undefined)} />}
    </>
  );
}

function RoleField({ role, onChange }: { role: PersonRole; onChange: (role: PersonRole) => void }) {
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

function AddPerson({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<PersonRole>('operator');
  const [password, setPassword] = useState('');
  const call = useCall('addPerson', onClose);
  return (
    <Confirm
      title="Add a person"
      confirm="Add"
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() => call.mutate({ body: { name, email, role, password } })}
    >
      <TextField label="Name" value={name} onChange={setName} />
      <TextField label="E-mail address" type="email" value={email} onChange={setEmail} />
      <RoleField role={role} onChange={setRole} />
      <TextField
        label="First password"
        type="password"
        autoComplete="new-password"
        constraint="At least 12 characters; they change it themselves under Account"
        value={password}
        onChange={setPassword}
      />
    </Confirm>
  );
}

function ChangePerson({ person, onClose }: { person: Person; onClose: () => void }) {
  const [role, setRole] = useState(person.role);
  const [disabled, setDisabled] = useState(person.disabled);
  const [password, setPassword] = useState('');
  const call = useCall('changePerson', onClose);
  return (
    <Confirm
      title={`Change ${person.name}`}
      confirm="Change"
      busy={call.isPending}
      error={call.error}
      onDismiss={onClose}
      onConfirm={() =>
        call.mutate({
          params: { personId: person.id },
          body: { role, disabled, ...(password && { password }) },
        })
      }
    >
      A new role or password ends their sessions.
      <RoleField role={role} onChange={setRole} />
      <Toggle checked={!disabled} onChange={({ detail }) => setDisabled(!detail.checked)}>
        May sign in
      </Toggle>
      <TextField
        label="New password (optional)"
        type="password"
        autoComplete="new-password"
        constraint="At least 12 characters"
        value={password}
        onChange={setPassword}
      />
    </Confirm>
  );
}
