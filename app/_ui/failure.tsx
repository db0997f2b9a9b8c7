'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { describeError, isWaybillError } from '../../lib/domain/errors.ts';
import type { ActionOffer } from '../../lib/domain/lifecycle-decision.ts';

/** What happened and what to do next, in the words of the error table. */
export function sayError(error: unknown): { message: string; next: string } {
  if (isWaybillError(error)) return { message: error.message, next: error.next };
  const detail = error instanceof Error ? error.message : 'no answer';
  return describeError('ConsoleUnreachable', { url: 'this address', detail });
}

/** First letter large, full stop at the end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`;
}

/** What happened and what to do next, in one text. */
export const inOneText = ({ message, next }: { message: string; next: string }): string =>
  `${sentence(message)} ${sentence(next)}`;

/** Why an action is not possible now, and what mends that, in one text. */
export const refusalOf = ({ reason = '', fix = '' }: Pick<ActionOffer, 'reason' | 'fix'>): string =>
  inOneText({ message: reason, next: fix });

/** Something failed: what happened, what to do next, and a way to try again where there is one. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { message, next } = sayError(error);
  return (
    <Alert
      type="error"
      statusIconAriaLabel="Error"
      header={sentence(message)}
      action={onRetry ? <Button onClick={onRetry}>Try again</Button> : undefined}
    >
      {sentence(next)}
    </Alert>
  );
}
