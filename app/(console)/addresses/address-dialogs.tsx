'use client';

import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import type { CallResult } from '../../../lib/api/client.ts';
import { addressLines, addressProblems } from '../../../lib/domain/addresses.ts';
import { useCall } from '../../_data/api.ts';
import { AddressForm, EMPTY_ADDRESS } from '../../_parts/address-form.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { useNotify } from '../../_ui/notices.tsx';

type Address = CallResult<'getAddress'>;

interface AddressDialogProps {
  /** The address to edit; none to add one. */
  address?: Address | undefined;
  onClose: () => void;
  onAdded?: (address: Address) => void;
}

/** Adds an address, or edits one. */
export function AddressDialog({ address, onClose, onAdded }: AddressDialogProps) {
  const notify = useNotify();
  const [value, setValue] = useState({ ...EMPTY_ADDRESS, ...address });
  const [tried, setTried] = useState(false);
  const done = (saved: Address) => {
    notify('success', `The address of ${saved.name} is saved.`);
    onAdded?.(saved);
    onClose();
  };
  const add = useCall('addAddress', done);
  const change = useCall('changeAddress', done);
  const save = () => {
    setTried(true);
    if (addressProblems(value).length > 0) return;
    if (!address) return add.mutate({ body: value });
    const { id: _, createdAt: _created, archivedAt: _archived, ...body } = { ...address, ...value };
    change.mutate({ params: { addressId: address.id }, body });
  };
  return (
    <CallDialog
      title={address ? `Edit the address of ${address.name}` : 'Add an address'}
      confirm={address ? 'Save' : 'Add'}
      size="large"
      call={[add, change]}
      onClose={onClose}
      onConfirm={save}
    >
      {address && (
        <Box>
          Jobs with this address ship to the new text from now on. Devices that have left keep the
          old one.
        </Box>
      )}
      <AddressForm value={value} onChange={setValue} showProblems={tried} />
    </CallDialog>
  );
}

/** Keeps new jobs from an address, or lets them again. */
export function ArchiveDialog({ address, onClose }: { address: Address; onClose: () => void }) {
  const call = useCall('changeAddress', onClose);
  const restores = address.archivedAt !== null;
  return (
    <CallDialog
      title={restores ? 'Restore this address?' : 'Archive this address?'}
      confirm={restores ? 'Restore' : 'Archive'}
      call={call}
      onClose={onClose}
      onConfirm={() =>
        call.mutate({ params: { addressId: address.id }, body: { archived: !restores } })
      }
    >
      <Box>{addressLines(address).join(', ')}</Box>
      <Box>
        {restores
          ? 'New jobs can choose it again.'
          : 'New jobs can no longer choose it. Jobs that have it go on as they are, and it can be restored.'}
      </Box>
    </CallDialog>
  );
}
