'use client';

import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

/** The content of one step of the wizard. */
export function StepFrame({ children }: { children: ReactNode }) {
  return (
    <Container>
      <SpaceBetween size="l">{children}</SpaceBetween>
    </Container>
  );
}
