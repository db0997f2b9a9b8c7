'use client';

import SpaceBetween from '@cloudscape-design/components/space-between';
import { TextField } from '../_ui/text-field.tsx';

/** A password that is chosen, typed twice. */
export interface NewPassword {
  password: string;
  again: string;
}
export const NO_PASSWORD: NewPassword = { password: '', again: '' };

const LENGTH_MIN = 12;

/** Why it cannot be taken; undefined when it can. */
export function passwordProblem({ password, again }: NewPassword): string | undefined {
  if (password.length < LENGTH_MIN) return `A password has at least ${LENGTH_MIN} characters.`;
  return password === again ? undefined : 'The two passwords differ.';
}

interface NewPasswordFieldsProps {
  label?: string;
  value: NewPassword;
  onChange: (value: NewPassword) => void;
}

/** The fields in which a person chooses a password. */
export function NewPasswordFields(props: NewPasswordFieldsProps) {
  const { label = 'Password', value, onChange } = props;
  const secret = { type: 'password', autoComplete: 'new-password' } as const;
  return (
    <SpaceBetween size="m">
      <TextField
        {...secret}
        label={label}
        constraint={`At least ${LENGTH_MIN} characters`}
        value={value.password}
        onChange={(password) => onChange({ ...value, password })}
      />
      <TextField
        {...secret}
        label={`${label} again`}
        value={value.again}
        onChange={(again) => onChange({ ...value, again })}
      />
    </SpaceBetween>
  );
}
