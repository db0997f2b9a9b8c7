'use client';

import { useState } from 'react';
import { sendAuth } from '../_data/session.tsx';
import { EntryCard } from '../_ui/entry-page.tsx';
import { TextField } from '../_ui/text-field.tsx';

const WORDS: Record<number, string> = {
  401: 'Address or password is not right.',
  429: 'Too many attempts. Wait a minute and try again.',
};

export function SignIn({ next }: { next: string }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = async () => {
    const { ok, status, message } = await sendAuth('/sign-in/email', { email, password });
    if (!ok) return WORDS[status] ?? (message || 'The console does not answer.');
    window.location.assign(next);
    return undefined;
  };
  return (
    <EntryCard title="Sign in to Waybill" submit="Sign in" onSubmit={submit}>
      <TextField
        label="E-mail address"
        type="email"
        autoComplete="username"
        autoFocus
        value={email}
        onChange={setEmail}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        description="Lost it? On the console’s host: waybill admin reset-password ADDRESS"
      />
    </EntryCard>
  );
}
