'use client';

import { useState } from 'react';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { TextField } from '../../_ui/text-field.tsx';

interface ChangeKeyProps {
  store: { id: string; name: string };
  onClose: () => void;
}

/** Gives a store another key pair. */
export function ChangeKey({ store, onClose }: ChangeKeyProps) {
  const notify = useNotify();
  const [accessKeyId, setAccessKeyId] = useState('');
  const [secretAccessKey, setSecretAccessKey] = useState('');
  const call = useCall('changeStoreCredentials', () => {
    notify('success', `${store.name} has a new key pair. Check a bucket of it next.`);
    onClose();
  });
  return (
    <CallDialog
      title={`Change the key pair of ${store.name}`}
      confirm="Change"
      call={call}
      onClose={onClose}
      onConfirm={() =>
        call.mutate({ params: { storeId: store.id }, body: { accessKeyId, secretAccessKey } })
      }
    >
      Work that stations begin from now on uses the new key pair; what is under way goes on with the
      old one, so revoke that one later.
      <TextField label="Access key id" value={accessKeyId} onChange={setAccessKeyId} />
      <TextField
        label="Secret access key"
        type="password"
        autoComplete="new-password"
        value={secretAccessKey}
        onChange={setSecretAccessKey}
      />
    </CallDialog>
  );
}
