'use client';

import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import type { TableProps } from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useApi, useCall } from '../../_ui/api.ts';
import { DataTable } from '../../_ui/data-table.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { PageFrame } from '../../_ui/page-frame.tsx';
import { ROLE_NAMES } from '../../_ui/role-words.ts';
import { TextField } from '../../_ui/text-field.tsx';
import { InvitationsCard } from './invitations-card.tsx';
import type { Issued } from './invite-dialogs.tsx';
import { RoleField } from './role-field.tsx';
import { RolesCard } from './roles-card.tsx';

// Dialogs come when they are asked for.
const InvitePerson = dynamic(() =>
  import('./invite-dialogs.tsx').then((part) => part.InvitePerson),
);
const IssuedDialog = dynamic(() =>
  import('./invite-dialogs.tsx').then((part) => part.IssuedDialog),
);
const NewPassword = dynamic(() => import('./invite-dialogs.tsx').then((part) => part.NewPassword));
const PersonSessions = dynamic(() =>
  import('./invite-dialogs.tsx').then((part) => part.PersonSessions),
);

type Person = CallResult<'listPeople'>['people'][number];

const ACTION_IDS = ['change', 'password', 'sessions'] as const;
const ACTIONS = [
  { id: 'change', text: 'Change role, or disable' },
  { id: 'password', text: 'Offer a new password' },
  { id: 'sessions', text: 'Sessions' },
];

type Shown =
  | { kind: 'invite' }
  | { kind: (typeof ACTION_IDS)[number]; person: Person }
  | { kind: 'issued'; issued: Issued }
  | undefined;

/** Who may sign in, and as what. */
export function PeopleView() {
  const list = useApi('listPeople');
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  const showLink = (issued: Issued) => setShown({ kind: 'issued', issued });
  const columns: TableProps.ColumnDefinition<Person>[] = [
    { id: 'name', header: 'Name', minWidth: 150, isRowHeader: true, cell: (person) => person.name },
    { id: 'email', header: 'E-mail address', minWidth: 200, cell: (person) => person.email },
    { id: 'role', header: 'Role', minWidth: 110, cell: (person) => ROLE_NAMES[person.role] },
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
      id: 'do',
      header: 'Actions',
      cell: (person) => (
        <ButtonDropdown
          variant="inline-icon"
          expandToViewport
          ariaLabel={`Actions of ${person.name}`}
          items={ACTIONS}
          onItemClick={({ detail }) => {
            if (isWord(ACTION_IDS, detail.id)) setShown({ kind: detail.id, person });
          }}
        />
      ),
    },
  ];
  return (
    <PageFrame
      title="People"
      actions={
        <Button variant="primary" onClick={() => setShown({ kind: 'invite' })}>
          Invite person
        </Button>
      }
    >
      <DataTable
        title="Who may sign in"
        columns={columns}
        rows={list.data?.people}
        rowId={(person) => person.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        none="Nobody yet."
      />
      <InvitationsCard />
      <RolesCard />
      {shown?.kind === 'invite' && <InvitePerson onClose={close} onIssued={showLink} />}
      {shown?.kind === 'password' && (
        <NewPassword person={shown.person} onClose={close} onIssued={showLink} />
      )}
      {shown?.kind === 'sessions' && <PersonSessions person={shown.person} onClose={close} />}
      {shown?.kind === 'issued' && <IssuedDialog issued={shown.issued} onClose={close} />}
      {shown?.kind === 'change' && <ChangePerson person={shown.person} onClose={close} />}
    </PageFrame>
  );
}

function ChangePerson({ person, onClose }: { person: Person; onClose: () => void }) {
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
