'use client';

import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';

/** An icon and a word, never colour alone. */
export type Sign = readonly [icon: StatusIndicatorProps.Type, word: string];

interface SignedProps {
  type: StatusIndicatorProps.Type;
  children: ReactNode;
}

/** A state as icon and words, which break between words and not within. */
export function Signed({ type, children }: SignedProps) {
  return (
    <StatusIndicator type={type}>
      <span className="long-word">{children}</span>
    </StatusIndicator>
  );
}
