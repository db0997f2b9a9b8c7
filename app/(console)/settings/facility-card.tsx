'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useState } from 'react';
import { type Address, addressLines, addressProblems } from '../../../lib/domain/addresses.ts';
import { AddressForm, countryName, EMPTY_ADDRESS } from '../../_ui/address-form.tsx';
import { useApi, useCall } from '../../_ui/api.ts';
import { CallDialog } from '../../_ui/dialogs.tsx';

/** Where devices come back to. */
export function FacilityCard({ mayManage }: { mayManage: boolean }) {
  const { data } = useApi('facilityAddress');
  const [editing, setEditing] = useState(false);
  const address = data?.address;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Where devices come back to; it is printed on labels."
          actions={
            mayManage && (
              <Button disabled={!data} onClick={() => setEditing(true)}>
                {address ? 'Edit facility address' : 'Set facility address'}
              </Button>
            )
          }
        >
          Facility
        </Header>
      }
    >
      {address ? (
        addressLines({ ...address, country: countryName(address.country) }).map((line) => (
          <Box key={line}>{line}</Box>
        ))
      ) : (
        <Box color="text-body-secondary">{data ? 'No address is set yet.' : 'Loading …'}</Box>
      )}
      {editing && <FacilityDialog address={address} onClose={() => setEditing(false)} />}
    </Container>
  );
}

interface FacilityDialogProps {
  address: Address | null | undefined;
  onClose: () => void;
}

function FacilityDialog({ address, onClose }: FacilityDialogProps) {
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
