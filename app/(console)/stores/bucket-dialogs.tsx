'use client';

import { useState } from 'react';
import type { ListedStore } from '../../../lib/api/schemas/store-schemas.ts';
import { useCall } from '../../_data/api.ts';
import { StoreCheck } from '../../_parts/store-check.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { TextField } from '../../_ui/text-field.tsx';

interface BucketDialogProps {
  store: ListedStore;
  onClose: () => void;
}

interface BucketFieldProps {
  value: string;
  onChange: (bucket: string) => void;
}

function BucketField({ value, onChange }: BucketFieldProps) {
  return (
    <TextField
      label="Bucket"
      constraint="3 to 63 lower-case letters, digits, dots and hyphens"
      autoFocus
      value={value}
      onChange={onChange}
    />
  );
}

/** Tries the rights of a bucket before anything ships. */
export function TestBucket({ store, onClose }: BucketDialogProps) {
  const [bucket, setBucket] = useState(store.id === 'embedded' ? 'default' : '');
  const call = useCall('checkStore');
  return (
    <CallDialog
      title={`Test ${store.name}`}
      confirm={call.data ? 'Test again' : 'Test'}
      dismiss="Close"
      size="large"
      call={call}
      disabled={bucket === ''}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { storeId: store.id }, body: { bucket } })}
    >
      The console’s host writes a small object, reads it, sends another in parts, and takes both
      away again. A station of another host needs the same rights there.
      <BucketField value={bucket} onChange={setBucket} />
      {call.data && <StoreCheck {...call.data} />}
    </CallDialog>
  );
}

/** Makes a bucket. */
export function MakeBucket({ store, onClose }: BucketDialogProps) {
  const notify = useNotify();
  const [bucket, setBucket] = useState('');
  const call = useCall('makeBucket', () => {
    notify('success', `Bucket ${bucket} is in ${store.name}. Test it next.`);
    onClose();
  });
  return (
    <CallDialog
      title={`Make a bucket in ${store.name}`}
      confirm="Make bucket"
      call={call}
      disabled={bucket === ''}
      onClose={onClose}
      onConfirm={() => call.mutate({ params: { storeId: store.id }, body: { bucket } })}
    >
      <BucketField value={bucket} onChange={setBucket} />
    </CallDialog>
  );
}
