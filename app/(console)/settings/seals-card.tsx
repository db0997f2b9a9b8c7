'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useApi, useCall } from '../../_data/api.ts';
import { Failure } from '../../_ui/failure.tsx';
import { useNotify } from '../../_ui/notices.tsx';

/** Whether imports wait for tamper seals that nobody compared. */
export function SealsCard({ mayManage }: { mayManage: boolean }) {
  const notify = useNotify();
  const settings = useApi('sealSettings');
  const change = useCall('changeSealSettings', ({ required }) =>
    notify(
      'success',
      required
        ? 'Imports wait until tamper seals are compared.'
        : 'Imports do not wait for tamper seals.',
    ),
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Numbers noted at departure are asked for on arrival, and a difference is an incident. Unless they are required, a station that has the device begins without them, and the custody log says so."
        >
          Tamper seals
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Toggle
          checked={settings.data?.required ?? false}
          disabled={!mayManage || settings.data === undefined || change.isPending}
          onChange={({ detail }) => change.mutate({ body: { required: detail.checked } })}
        >
          Require tamper seals to be compared before an import begins
        </Toggle>
        {change.error ? <Failure error={change.error} /> : null}
        {settings.error ? <Failure error={settings.error} /> : null}
      </SpaceBetween>
    </Container>
  );
}
