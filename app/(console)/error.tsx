'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { Failure } from '../_ui/failure.tsx';
import { PageFrame } from '../_ui/page-frame.tsx';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <PageFrame title="This page could not be shown">
      {isPartMissing(error) ? <PartMissing /> : <Failure error={error} onRetry={reset} />}
    </PageFrame>
  );
}

/** Of a part that is loaded when it is wanted; the name is that of the bundler's error. */
const isPartMissing = ({ name }: Error): boolean => name === 'ChunkLoadError';

/** To try again is not enough: the parts of a newer console have other names. */
const PartMissing = () => (
  <Alert
    type="error"
    statusIconAriaLabel="Error"
    header="A part of this page could not be loaded."
    action={<Button onClick={() => window.location.reload()}>Reload page</Button>}
  >
    The console is away, or it was updated after this page was opened. Reload the page.
  </Alert>
);
