'use client';

import { Failure } from '../_ui/failure.tsx';
import { PageFrame } from '../_ui/page-frame.tsx';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <PageFrame title="This page could not be shown">
      <Failure error={error} onRetry={reset} />
    </PageFrame>
  );
}
