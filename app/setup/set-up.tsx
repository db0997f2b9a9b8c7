'use client';

import { useState } from 'react';
import { api } from '../_data/api-client.ts';
import { useLinkToken } from '../_data/link-token.ts';
import { sendAuth } from '../_data/session.tsx';
import { NewPasswordFields, NO_PASSWORD, passwordProblem } from '../_parts/new-password.tsx';
import { EntryCard } from '../_ui/entry-page.tsx';
import { inOneText, sayError } from '../_ui/failure.tsx';
import { TextField } from '../_ui/text-field.tsx';

/** What is to be filled in first. */
function missing(given: Record<'token' | 'name' | 'email', string>): string | undefined {
  if (given.token.trim() === '') return 'Enter the set-up token.';
  if (given.name.trim() === '') return 'Enter your name.';
  return given.email.trim() === '' ? 'Enter your e-mail address.' : undefined;
}

/** Makes the first administrator. The token comes with the link, or is typed in. */
export function SetUp() {
  const [token, setToken] = useLinkToken();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [chosen, setChosen] = useState(NO_PASSWORD);
  const submit = async () => {
    const problem = missing({ token, name, email }) ?? passwordProblem(chosen);
    if (problem) return problem;
    const { password } = chosen;
    try {
      await api.call('setUp', { body: { token: token.trim(), name, email, password } });
    } catch (error) {
      return inOneText(sayError(error));
    }
    await sendAuth('/sign-in/email', { email, password });
    window.location.assign('/');
    return undefined;
  };
  return (
    <EntryCard
      title="Set up Waybill"
      description="This makes the first administrator of the installation."
      submit="Make administrator"
      onSubmit={submit}
    >
      <TextField
        label="Set-up token"
        value={token}
        onChange={setToken}
        description="Part of the link that the console printed when it started; also in the file setup-link of its data directory."
      />
      <TextField label="Your name" autoComplete="name" value={name} onChange={setName} />
      <TextField
        label="E-mail address"
        type="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
      />
      <NewPasswordFields value={chosen} onChange={setChosen} />
    </EntryCard>
  );
}
