'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { Failure } from './_ui/failure.tsx';

export default function EntryError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main className="centered">
      <Container header={<Header variant="h1">This page could not be shown</Header>}>
        <Failure error={error} onRetry={reset} />
      </Container>
    </main>
  );
}
