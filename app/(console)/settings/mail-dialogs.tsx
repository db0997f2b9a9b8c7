'use client';

import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { SMTP_SECURITY, type SmtpSecurity } from '../../../lib/domain/notifications.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { SECURITY } from './smtp-security.ts';

type Server = NonNullable<CallResult<'notificationSettings'>['smtp']>;

/** Forgets the mail server. */
export function RemoveMail({ onClose }: { onClose: () => void }) {
  const call = useCall('changeNotificationSettings', onClose);
  return (
    <CallDialog
      title="Remove the mail server?"
      confirm="Remove"
      call={call}
      onClose={onClose}
      onConfirm={() => call.mutate({ body: { smtp: null } })}
    >
      <Box>
        Mail that waits is tried again until its time is over; its password is forgotten at once.
      </Box>
    </CallDialog>
  );
}

/** Sets the mail server, or changes it. */
export function MailDialog({
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
