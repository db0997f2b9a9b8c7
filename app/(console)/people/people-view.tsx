'use client';

import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useApi } from '../../_data/api.ts';
import { usePerson } from '../../_data/session.tsx';
import { ROLE_NAMES } from '../../_parts/role-words.ts';
import { DataTable } from '../../_ui/data-table.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { PageFrame } from '../../_ui/page-frame.tsx';
import { InvitationsCard } from './invitations-card.tsx';
import type { Issued } from './invite-dialogs.tsx';
import { RolesCard } from './roles-card.tsx';

// Dialogs come when they are asked for.
const ChangePerson = dynamic(() => import('./change-person.tsx').then((part) => part.ChangePerson));
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
  const mayInvite = permits(usePerson().role, 'people.manage');
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
        mayInvite && (
          <Button variant="primary" onClick={() => setShown({ kind: 'invite' })}>
            Invite person
          </Button>
        )
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
