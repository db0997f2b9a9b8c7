'use client';

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useCall } from '../../../_data/api.ts';
import { StoreCheck } from '../../../_parts/store-check.tsx';
import { Failure } from '../../../_ui/failure.tsx';

interface BucketCheckProps {
  storeId: string;
  bucket: string;
}

/** Tries what the job will need in its bucket, while nothing has been shipped. */
export function BucketCheck({ storeId, bucket }: BucketCheckProps) {
  const call = useCall('checkStore');
  return (
    <SpaceBetween size="s">
      <Button
        loading={call.isPending}
        disabled={bucket === ''}
        onClick={() => call.mutate({ params: { storeId }, body: { bucket } })}
      >
        Test the bucket
      </Button>
      {call.error ? <Failure error={call.error} /> : null}
      {call.data && <StoreCheck {...call.data} />}
    </SpaceBetween>
  );
}
