'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import type { PersonRole } from '../../../lib/domain/words.ts';
import { useCall } from '../../_data/api.ts';
import { SessionsTable } from '../../_parts/sessions-table.tsx';
import { Copyable } from '../../_ui/copyable.tsx';
import { CallDialog, TellDialog } from '../../_ui/dialogs.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { RoleField } from './role-field.tsx';

type Person = CallResult<'listPeople'>['people'][number];
export type Issued = CallResult<'invitePerson'>;

interface InviteProps {
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}

/** Invites a person by a one-time link. */
export function InvitePerson({ onClose, onIssued }: InviteProps) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<PersonRole>('operator');
  const call = useCall('invitePerson', onIssued);
  return (
    <CallDialog
      title="Invite a person"
      confirm="Invite"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ body: { name, email, role } })}
    >
      <Box>
        They get a link that works once, for a week, and choose their own password. It is mailed
        when a mail server is set; otherwise you are shown it.
      </Box>
      <TextField label="Name" value={name} onChange={setName} />
      <TextField label="E-mail address" type="email" value={email} onChange={setEmail} />
      <RoleField role={role} onChange={setRole} />
    </CallDialog>
  );
}

/** A link by which a person chooses a new password. */
export function NewPassword({ person, onClose, onIssued }: InviteProps & { person: Person }) {
  const call = useCall('offerNewPassword', onIssued);
  return (
    <CallDialog
      title={`A new password for ${person.name}?`}
      confirm="Make the link"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { personId: person.id } })}
    >
      <Box>
        The link works once, for a day. The old password holds until it is used; then all their
        sessions end.
      </Box>
    </CallDialog>
  );
}

/** How a link went out; one that was not mailed is shown, once. */
export function IssuedDialog({ issued, onClose }: { issued: Issued; onClose: () => void }) {
  return (
    <TellDialog
      title={issued.mailed ? 'The link is on its way' : 'The one-time link'}
      confirm="Done"
      onClose={onClose}
    >
      {issued.link === null ? (
        <Box>It was mailed.</Box>
      ) : (
        <>
          <Alert type="warning">
            It is shown only now, and was not mailed: {issued.problem}. Give it to the person by a
            way that you trust.
          </Alert>
          <Copyable text={issued.link} what="link" />
        </>
      )}
    </TellDialog>
  );
}

/** Where a person is signed in. */
export function PersonSessions({ person, onClose }: { person: Person; onClose: () => void }) {
  const call = useCall('endSessionsOf', onClose);
  return (
    <CallDialog
      title={`Sessions of ${person.name}`}
      confirm="End all sessions"
      dismiss="Close"
      size="large"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { personId: person.id } })}
    >
      <SessionsTable personId={person.id} />
    </CallDialog>
  );
}

type Invitation = CallResult<'listInvitations'>['invitations'][number];

/** Makes an open link void. */
export function WithdrawLink({
  invitation,
  onClose,
}: {
  invitation: Invitation;
  onClose: () => void;
}) {
  const call = useCall('revokeInvitation', onClose);
  return (
    <CallDialog
      title={`Withdraw the link for ${invitation.name}?`}
      confirm="Withdraw"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { invitationId: invitation.id } })}
    >
      <Box>Whoever opens it is turned away from now on. You can make another one.</Box>
    </CallDialog>
  );
}
