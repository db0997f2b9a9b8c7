'use client';

import { TextField } from '../../_ui/text-field.tsx';

/** Where the buckets of a store in folders lie. */
export function RootField({
  value,
  onChange,
}: {
  value: string;
  onChange: (root: string) => void;
}) {
  return (
    <TextField
      label="Root"
      constraint="Absolute directory that holds the buckets, the same on every station"
      value={value}
      onChange={onChange}
    />
  );
}
