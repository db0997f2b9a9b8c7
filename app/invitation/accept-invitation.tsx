'use client';

import { useEffect, useState } from 'react';
import type { CallResult } from '../../lib/api/client.ts';
import { api } from '../_data/api-client.ts';
import { useLinkToken } from '../_data/link-token.ts';
import { sendAuth } from '../_data/session.tsx';
import { NewPasswordFields, NO_PASSWORD, passwordProblem } from '../_parts/new-password.tsx';
import { EntryCard } from '../_ui/entry-page.tsx';
import { Failure, inOneText, sayError } from '../_ui/failure.tsx';

/** Where a one-time link leads: a person chooses a password. */
export function AcceptInvitation() {
  const [token] = useLinkToken();
  const [whose, setWhose] = useState<CallResult<'readInvitation'>>();
  const [problem, setProblem] = useState<unknown>();
  const [chosen, setChosen] = useState(NO_PASSWORD);
  useEffect(() => {
    if (token) api.call('readInvitation', { body: { token } }).then(setWhose, setProblem);
  }, [token]);
  const submit = async () => {
    const mismatch = passwordProblem(chosen);
    if (mismatch) return mismatch;
    const { password } = chosen;
    try {
      const { email } = await api.call('acceptInvitation', { body: { token, password } });
      await sendAuth('/sign-in/email', { email, password });
    } catch (error) {
      return inOneText(sayError(error));
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
      {problem ? <Failure error={problem} /> : null}
      <NewPasswordFields value={chosen} onChange={setChosen} />
    </EntryCard>
  );
}
