'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { SMTP_SECURITY, type SmtpSecurity } from '../../../lib/domain/notifications.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useApi, useCall } from '../../_ui/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { TextField } from '../../_ui/text-field.tsx';

type Server = NonNullable<CallResult<'notificationSettings'>['smtp']>;

const SECURITY: Record<SmtpSecurity, { label: string; description: string; port: number }> = {
  starttls: {
    label: 'STARTTLS',
    description: 'Encrypted after the greeting; a server without it is refused.',
    port: 587,
  },
  tls: { label: 'TLS', description: 'Encrypted from the first byte.', port: 465 },
  none: {
    label: 'None',
    description: 'Mail and password cross the network in clear; only for this host.',
    port: 25,
  },
};

/** The server that mail goes through. */
export function MailCard() {
  const { data } = useApi('notificationSettings');
  const [shown, setShown] = useState<'edit' | 'remove'>();
  const server = data?.smtp;
  const close = () => setShown(undefined);
  const remove = useCall('changeNotificationSettings', close);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Notifications and invitations by mail go through it."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {server && <Button onClick={() => setShown('remove')}>Remove mail server</Button>}
              <Button disabled={!data} onClick={() => setShown('edit')}>
                {server ? 'Edit mail server' : 'Set mail server'}
              </Button>
            </SpaceBetween>
          }
        >
          Mail server
        </Header>
      }
    >
      {server ? (
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Host', value: `${server.host}:${server.port}` },
            { label: 'Security', value: SECURITY[server.security].label },
            { label: 'Signs in as', value: server.user || 'nobody' },
            { label: 'Sender', value: server.from },
          ]}
        />
      ) : (
        <Box color="text-body-secondary">
          {data ? 'No mail server is set: nothing is sent by mail.' : 'Loading …'}
        </Box>
      )}
      {shown === 'edit' && <MailDialog server={server} onClose={close} />}
      {shown === 'remove' && (
        <CallDialog
          title="Remove the mail server?"
          confirm="Remove"
          call={remove}
          onClose={close}
          onConfirm={() => remove.mutate({ body: { smtp: null } })}
        >
          <Box>
            Mail that waits is tried again until its time is over; its password is forgotten at
            once.
          </Box>
        </CallDialog>
      )}
    </Container>
  );
}

function MailDialog({
  server,
  onClose,
}: {
  server: Server | null | undefined;
  onClose: () => void;
}) {
  const [host, setHost] = useState(server?.host ?? '');
  const [security, setSecurity] = useState<SmtpSecurity>(server?.security ?? 'starttls');
  const [port, setPort] = useState(String(server?.port ?? SECURITY.starttls.port));
  const [user, setUser] = useState(server?.user ?? '');
  const [password, setPassword] = useState('');
  const [from, setFrom] = useState(server?.from ?? '');
  const call = useCall('changeNotificationSettings', onClose);
  const smtp = { host, port: Number(port), security, user, from };
  return (
    <CallDialog
      title="Mail server"
      confirm="Save"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ body: { smtp: password ? { ...smtp, password } : smtp } })}
    >
      <TextField label="Host" value={host} placeholder="smtp.example.org" onChange={setHost} />
      <FormField label="Security">
        <RadioGroup
          value={security}
          items={SMTP_SECURITY.map((value) => ({ value, ...SECURITY[value] }))}
          onChange={({ detail }) => {
            if (!isWord(SMTP_SECURITY, detail.value)) return;
            setSecurity(detail.value);
            setPort(String(SECURITY[detail.value].port));
          }}
        />
      </FormField>
      <TextField label="Port" value={port} onChange={setPort} />
      <TextField label="User name – optional" value={user} onChange={setUser} />
      <TextField
        label="Password – optional"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        {...(server?.hasPassword && {
          description: 'One is kept. Leave this empty to keep it; another host needs it again.',
        })}
      />
      <TextField
        label="Sender"
        constraint="The address that mail comes from"
        value={from}
        onChange={setFrom}
      />
    </CallDialog>
  );
}
