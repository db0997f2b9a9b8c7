'use client';

import Box from '@cloudscape-design/components/box';
import { useState } from 'react';
import { type Address, addressProblems } from '../../../lib/domain/addresses.ts';
import { useCall } from '../../_data/api.ts';
import { AddressForm, EMPTY_ADDRESS } from '../../_parts/address-form.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';

interface FacilityDialogProps {
  address: Address | null | undefined;
  onClose: () => void;
}

/** Tells where the facility is. */
export function FacilityDialog({ address, onClose }: FacilityDialogProps) {
  const [value, setValue] = useState({ ...EMPTY_ADDRESS, ...address });
  const [tried, setTried] = useState(false);
  const call = useCall('setFacilityAddress', onClose);
  const save = () => {
    setTried(true);
    if (addressProblems(value).length === 0) call.mutate({ body: value });
  };
  return (
    <CallDialog
      title="Address of the facility"
      confirm="Save"
      size="large"
      call={call}
      onClose={onClose}
      onConfirm={save}
    >
      <Box>
        Devices that are shipped back from now on go there; those on their way are not turned.
      </Box>
      <AddressForm value={value} onChange={setValue} showProblems={tried} />
    </CallDialog>
  );
}
