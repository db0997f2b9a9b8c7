'use client';

import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import type { StoreRequest } from '../../../lib/api/schemas/store-schemas.ts';
import { useCall } from '../../_data/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import { type Endpoint, EndpointFields, NEW_ENDPOINT, remoteOf } from './endpoint-fields.tsx';
import { RootField } from './root-field.tsx';

type Kind = StoreRequest['kind'];

/** What each kind is for, and where its buckets can be. */
const KINDS: { value: Kind; label: string; description: string; places: readonly Place[] }[] = [
  {
    value: 's3',
    label: 'S3',
    places: ['endpoint'],
    description: 'Any S3-compatible endpoint; the station sends objects there directly',
  },
  {
    value: 'directory',
    label: 'Directory',
    places: ['root'],
    description: 'Objects are files, in place of S3',
  },
  {
    value: 'glacier',
    label: 'Glacier',
    places: ['endpoint', 'root'],
    description: 'Archives: storage class GLACIER or DEEP_ARCHIVE of S3, or files in a directory',
  },
  {
    value: 'ebs',
    label: 'EBS',
    places: ['endpoint', 'root'],
    description: 'Images become snapshots: of EBS, or files in a directory',
  },
];

type Place = 'endpoint' | 'root';

const PLACES = [
  { value: 'endpoint', label: 'Behind an endpoint' },
  { value: 'root', label: 'In a directory' },
];

/** Adds a store. What opens it can be entered here and is never shown again. */
export function AddStore({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [kind, setKind] = useState(KINDS[0]);
  const [chosen, setChosen] = useState<Place>('endpoint');
  const [root, setRoot] = useState('');
  const [endpoint, setEndpoint] = useState<Endpoint>(NEW_ENDPOINT);
  const call = useCall('addStore', () => {
    notify('success', `${name || id} was added. Check a bucket of it next.`);
    onClose();
  });
  const place = kind?.places.includes(chosen) ? chosen : kind?.places[0];
  const add = () => {
    if (!kind) return;
    const where = place === 'endpoint' ? remoteOf(endpoint) : { root };
    call.mutate({ body: { id, name: name || id, kind: kind.value, ...where } });
  };
  return (
    <CallDialog title="Add a store" confirm="Add" call={call} onClose={onClose} onConfirm={add}>
      <TextField
        label="Id"
        constraint="Letters, digits, dots, hyphens"
        value={id}
        onChange={setId}
      />
      <TextField label="Name" value={name} onChange={setName} />
      <FormField label="Kind">
        <Select
          options={KINDS}
          selectedOption={kind ?? null}
          onChange={({ detail }) =>
            setKind(KINDS.find(({ value }) => value === detail.selectedOption.value))
          }
        />
      </FormField>
      {kind && kind.places.length > 1 && (
        <FormField label="Place">
          <RadioGroup
            items={PLACES}
            value={place ?? 'root'}
            onChange={({ detail }) => setChosen(detail.value === 'root' ? 'root' : 'endpoint')}
          />
        </FormField>
      )}
      {place === 'endpoint' && kind ? (
        <EndpointFields kind={kind.value} value={endpoint} onChange={setEndpoint} />
      ) : (
        <RootField value={root} onChange={setRoot} />
      )}
    </CallDialog>
  );
}
