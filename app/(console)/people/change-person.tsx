'use client';

import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { RoleField } from './role-field.tsx';

type Person = CallResult<'listPeople'>['people'][number];

/** Another role, another password, or no way in any more. */
export function ChangePerson({ person, onClose }: { person: Person; onClose: () => void }) {
  const [role, setRole] = useState(person.role);
  const [disabled, setDisabled] = useState(person.disabled);
  const [password, setPassword] = useState('');
  const call = useCall('changePerson', onClose);
  return (
    <CallDialog
      title={`Change ${person.name}`}
      confirm="Change"
      call={call}
      onClose={onClose}
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
    </CallDialog>
  );
}
