'use client';

import TextFilter from '@cloudscape-design/components/text-filter';
import { useEffect, useState } from 'react';

const SETTLE_MS = 250;

interface SearchFieldProps {
  /** Accessible name and placeholder: "Find an address by name, company, street, city". */
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

/** A search that the server does; it is asked when the typing rests. */
export function SearchField({ label, value, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onSearch(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  return (
    <TextFilter
      filteringText={text}
      filteringPlaceholder={label}
      filteringAriaLabel={label}
      filteringClearAriaLabel="Clear the search"
      onChange={({ detail }) => setText(detail.filteringText)}
    />
  );
}
