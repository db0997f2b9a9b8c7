'use client';

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';

interface EntryCardProps {
  title: string;
  description?: string;
  submit: string;
  children: ReactNode;
  /** Resolves with what went wrong, or undefined. */
  onSubmit: () => Promise<string | undefined>;
}

/** A form on a page of its own, before anybody is signed in. */
export function EntryCard({ title, description, submit, children, onSubmit }: EntryCardProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const send = async () => {
    setBusy(true);
    setProblem(await onSubmit().catch((error: unknown) => String(error)));
    setBusy(false);
  };
  return (
    <main className="centered">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Container
          header={
            <Header variant="h1" description={description}>
              {title}
            </Header>
          }
        >
          <Form
            errorIconAriaLabel="Error"
            {...(problem && { errorText: problem })}
            actions={
              <Button variant="primary" formAction="submit" loading={busy}>
                {submit}
              </Button>
            }
          >
            <SpaceBetween size="m">{children}</SpaceBetween>
          </Form>
        </Container>
      </form>
    </main>
  );
}
