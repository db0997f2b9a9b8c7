'use client';

import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import type { ListedStore, StoreChange } from '../../../lib/api/schemas/store-schemas.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { EndpointFields, endpointOf, remoteOf } from './endpoint-fields.tsx';
import { RootField } from './root-field.tsx';
import { SettingsFields, settingsOf, storeDraftOf } from './settings-fields.tsx';

interface EditStoreProps {
  store: ListedStore;
  onClose: () => void;
}

/** Changes a store. Its key pair is not shown; it stays unless another one is entered. */
export function EditStore({ store, onClose }: EditStoreProps) {
  const notify = useNotify();
  const [name, setName] = useState(store.name);
  const [root, setRoot] = useState(store.root);
  const [endpoint, setEndpoint] = useState(endpointOf(store.remote));
  const [settings, setSettings] = useState(storeDraftOf(store.settings));
  const call = useCall('changeStore', () => {
    notify('success', `${name} was changed. Test a bucket of it next.`);
    onClose();
  });
  const save = () => {
    const body: StoreChange = { name, settings: settingsOf(settings) };
    if (store.remote) {
      const { remote, credentials } = remoteOf(endpoint);
      Object.assign(body, { remote });
      if (endpoint.accessKeyId || endpoint.secretAccessKey) Object.assign(body, { credentials });
    } else body.root = root;
    call.mutate({ params: { storeId: store.id }, body });
  };
  return (
    <CallDialog
      title={`Edit ${store.name}`}
      confirm="Save"
      call={call}
      disabled={name === ''}
      onClose={onClose}
      onConfirm={save}
    >
      {store.openJobs > 0 && (
        <Alert type="warning">
          {store.openJobs === 1 ? 'One job uses' : `${store.openJobs} jobs use`} it and will read or
          write at the new place from the next step of a station on.
        </Alert>
      )}
      <TextField label="Name" value={name} onChange={setName} />
      {store.remote ? (
        <EndpointFields kind={store.kind} value={endpoint} onChange={setEndpoint} keptKeyPair />
      ) : (
        <RootField value={root} onChange={setRoot} />
      )}
      <SettingsFields value={settings} onChange={setSettings} />
    </CallDialog>
  );
}
