'use client';

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';

/** Told of an address that leads nowhere. */
export function NoSuchPage() {
  return (
    <main className="centered">
      <Container header={<Header variant="h1">There is no such page</Header>}>
        <Box>
          Check the address, or go to the <Link href="/">overview</Link>.
        </Box>
      </Container>
    </main>
  );
}
