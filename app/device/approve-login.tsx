'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { type Person, sendAuth } from '../_data/session.tsx';
import { TextField } from '../_ui/text-field.tsx';

const UNKNOWN = 'This code is not known or has run out. Start waybill login again.';
const PROBLEMS: Record<number, string> = {
  400: UNKNOWN,
  404: UNKNOWN,
  429: 'Too many attempts. Wait a few minutes and try again.',
  500: 'The console has failed. Try again.',
};

type Outcome = 'open' | 'approved' | 'denied' | 'failed';

/** Lets `waybill login` on some host act for the person (RFC 8628). */
export function ApproveLogin({ code, person }: { code: string; person: Person }) {
  const [userCode, setUserCode] = useState(code);
  const [outcome, setOutcome] = useState<Outcome>('open');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const answer = async (verb: 'approve' | 'deny') => {
    setBusy(true);
    const typed = userCode.trim().toUpperCase();
    // The service ties a code to the person who looks at it first.
    const seen = await sendAuth(`/device?user_code=${encodeURIComponent(typed)}`);
    const result = seen.ok ? await sendAuth(`/device/${verb}`, { userCode: typed }) : seen;
    setBusy(false);
    setProblem(PROBLEMS[result.status] ?? result.message);
    setOutcome(result.ok ? (verb === 'approve' ? 'approved' : 'denied') : 'failed');
  };
  return (
    <main className="centered">
      <Container header={<Header variant="h1">Sign in a program</Header>}>
        {outcome === 'approved' || outcome === 'denied' ? (
          <Alert
            type={outcome === 'approved' ? 'success' : 'info'}
            statusIconAriaLabel={outcome === 'approved' ? 'Success' : 'Info'}
          >
            {outcome === 'approved'
              ? 'The program is signed in. You can close this page.'
              : 'The program was turned away.'}
          </Alert>
        ) : (
          <SpaceBetween size="m">
            <Box>
              A program that shows this code asks to act as {person.name} ({person.role}). Approve
              it only if you started <code>waybill login</code> yourself just now.
            </Box>
            <TextField label="Code" value={userCode} onChange={setUserCode} />
            {outcome === 'failed' && (
              <Alert type="error" statusIconAriaLabel="Error">
                {problem}
              </Alert>
            )}
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="primary" loading={busy} onClick={() => void answer('approve')}>
                Approve
              </Button>
              <Button disabled={busy} onClick={() => void answer('deny')}>
                Deny
              </Button>
            </SpaceBetween>
          </SpaceBetween>
        )}
      </Container>
    </main>
  );
}
