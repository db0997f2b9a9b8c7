'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../_data/api.ts';
import { SECURITY } from './smtp-security.ts';

const MailDialog = dynamic(() => import('./mail-dialogs.tsx').then((part) => part.MailDialog));
const RemoveMail = dynamic(() => import('./mail-dialogs.tsx').then((part) => part.RemoveMail));

/** The server that mail goes through. */
export function MailCard() {
  const { data } = useApi('notificationSettings');
  const [shown, setShown] = useState<'edit' | 'remove'>();
  const server = data?.smtp;
  const close = () => setShown(undefined);
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
      {shown === 'remove' && <RemoveMail onClose={close} />}
    </Container>
  );
}
