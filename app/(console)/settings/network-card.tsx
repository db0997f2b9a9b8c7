'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useApi, useCall } from '../../_data/api.ts';
import { Failure } from '../../_ui/failure.tsx';

/** Whether webhooks may go inside. */
export function NetworkCard() {
  const settings = useApi('notificationSettings');
  const change = useCall('changeNotificationSettings');
  return (
    <Container header={<Header variant="h2">Where webhooks may go</Header>}>
      <SpaceBetween size="m">
        <Toggle
          checked={settings.data?.allowPrivateAddresses ?? false}
          disabled={!settings.data || change.isPending}
          description="Then whoever may add webhooks can make the console call any service that it reaches, on this host and in its network. Off, only public addresses are called."
          onChange={({ detail }) =>
            change.mutate({ body: { allowPrivateAddresses: detail.checked } })
          }
        >
          Allow private addresses
        </Toggle>
        {change.error ? <Failure error={change.error} /> : null}
      </SpaceBetween>
    </Container>
  );
}
