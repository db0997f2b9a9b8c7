'use client';

import { TextField } from '../../_ui/text-field.tsx';

const LONGEST_DAYS = 3650;

/** What the API takes; undefined when what was typed is none. */
export function expiryOf(typed: string): { expiresInDays?: number } | undefined {
  const text = typed.trim();
  if (text === '') return {};
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS
    ? { expiresInDays: days }
    : undefined;
}

interface ExpiryFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** After how many days a token or key expires. */
export function ExpiryField({ value, onChange }: ExpiryFieldProps) {
  return (
    <TextField
      label="Days until it expires"
      constraint="Empty: never"
      error={
        expiryOf(value) ? undefined : `A number of days from 1 to ${LONGEST_DAYS}, or nothing.`
      }
      value={value}
      onChange={onChange}
    />
  );
}
