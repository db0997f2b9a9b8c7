'use client';

import { TextField } from './text-field.tsx';

/** A password that is chosen, typed twice. */
export interface NewPassword {
  password: string;
  again: string;
}
export const NO_PASSWORD: NewPassword = { password: '', again: '' };

/** Why it cannot be taken; undefined when it can. */
export const passwordProblem = ({ password, again }: NewPassword): string | undefined =>
  password === again ? undefined : 'The two passwords differ.';

interface NewPasswordFieldsProps {
  value: NewPassword;
  onChange: (value: NewPassword) => void;
}

/** The fields in which a person chooses a password. */
export function NewPasswordFields({ value, onChange }: NewPasswordFieldsProps) {
  const secret = { type: 'password', autoComplete: 'new-password' } as const;
  return (
    <>
      <TextField
        {...secret}
        label="Password"
        constraint="At least 12 characters"
        value={value.password}
        onChange={(password) => onChange({ ...value, password })}
      />
      <TextField
        {...secret}
        label="Password again"
        value={value.again}
        onChange={(again) => onChange({ ...value, again })}
      />
    </>
  );
}
