'use client';

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';

export default function NotFound() {
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
