'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { addressLines } from '../../../lib/domain/addresses.ts';
import { useApi } from '../../_data/api.ts';
import { countryName } from '../../_parts/country-name.ts';

const FacilityDialog = dynamic(() =>
  import('./facility-dialog.tsx').then((part) => part.FacilityDialog),
);

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
