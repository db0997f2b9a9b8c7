'use client';

import Alert from '@cloudscape-design/components/alert';
import { useEffect, useState } from 'react';
import type { CallResult } from '../../lib/api/client.ts';
import { api } from '../_ui/api.ts';
import { EntryCard } from '../_ui/entry-card.tsx';
import { sayError, sentence } from '../_ui/failure.tsx';
import { NewPasswordFields, NO_PASSWORD, passwordProblem } from '../_ui/new-password.tsx';
import { sendAuth } from '../_ui/session.tsx';

const said = (error: unknown): string => {
  const { message, next } = sayError(error);
  return `${sentence(message)} ${sentence(next)}`;
};

/** Where a one-time link leads: a person chooses a password. The token is in the fragment, which no server or proxy sees. */
export function AcceptInvitation() {
  const [token, setToken] = useState('');
  const [whose, setWhose] = useState<CallResult<'readInvitation'>>();
  const [problem, setProblem] = useState('');
  const [chosen, setChosen] = useState(NO_PASSWORD);
  useEffect(() => {
    const inLink = window.location.hash.slice(1);
    if (!inLink) return;
    setToken(inLink);
    // Not kept in the browser's history.
    window.history.replaceState(null, '', '/invitation');
    api.call('readInvitation', { body: { token: inLink } }).then(setWhose, (error: unknown) => {
      setProblem(said(error));
    });
  }, []);
  const submit = async () => {
    const mismatch = passwordProblem(chosen);
    if (mismatch) return mismatch;
    const { password } = chosen;
    try {
      const { email } = await api.call('acceptInvitation', { body: { token, password } });
      await sendAuth('/sign-in/email', { email, password });
    } catch (error) {
      return said(error);
    }
    window.location.assign('/');
    return undefined;
  };
  return (
    <EntryCard
      title="Choose a password"
      description={
        whose
          ? `For ${whose.name}, ${whose.email}.`
          : 'With the link that an administrator gave you.'
      }
      submit="Set password and sign in"
      onSubmit={submit}
    >
      {problem && <Alert type="error">{problem}</Alert>}
      <NewPasswordFields value={chosen} onChange={setChosen} />
    </EntryCard>
  );
}
