'use client';

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi, useCall } from '../../_data/api.ts';
import { Failure } from '../../_ui/failure.tsx';
import { useNotify } from '../../_ui/notices.tsx';

const DAYS_MAX = 3650;

/** How long a device is kept after losses were accepted. */
export function ErasingCard({ mayManage }: { mayManage: boolean }) {
  const notify = useNotify();
  const settings = useApi('erasingSettings');
  const [typed, setTyped] = useState<string>();
  const change = useCall('changeErasingSettings', ({ graceDays }) => {
    notify('success', `Devices are kept ${graceDays} days after losses are accepted.`);
    setTyped(undefined);
  });
  const kept = settings.data?.graceDays;
  const value = typed ?? (kept === undefined ? '' : String(kept));
  const days = /^\d{1,4}$/.test(value.trim()) ? Number(value) : Number.NaN;
  const isGood = days <= DAYS_MAX;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="A device is erased when all of its objects are in the store. Where people accept that some are lost, it is kept for this long; then nothing brings them back."
        >
          Erasing after accepted losses
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="Grace time, in days"
          constraintText={`0 to ${DAYS_MAX}. It holds for losses that were accepted before, too.`}
          {...(typed !== undefined && !isGood && { errorText: 'A whole number of days.' })}
        >
          <Input
            value={value}
            inputMode="numeric"
            disabled={!mayManage || kept === undefined}
            onChange={({ detail }) => setTyped(detail.value)}
          />
        </FormField>
        {mayManage && (
          <Button
            disabled={!isGood || days === kept}
            loading={change.isPending}
            onClick={() => change.mutate({ body: { graceDays: days } })}
          >
            Save grace time
          </Button>
        )}
        {change.error ? <Failure error={change.error} /> : null}
        {settings.error ? <Failure error={settings.error} /> : null}
      </SpaceBetween>
    </Container>
  );
}
