'use client';

import { useAlive } from './use-mounted.ts';

const here = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const utc = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

/** The one way a time is shown: in the reader's zone, UTC on hover, ISO 8601 for machines. */
export function Instant({ at }: { at: string | null | undefined }) {
  // The server does not know the reader's zone: it paints UTC, the browser corrects it at once.
  const inBrowser = useAlive();
  if (!at) return <>–</>;
  const time = new Date(at);
  return (
    <time dateTime={at} title={`${utc.format(time)} UTC`}>
      {inBrowser ? here.format(time) : `${utc.format(time)} UTC`}
    </time>
  );
}
