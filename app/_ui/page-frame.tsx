'use client';

import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

interface PageFrameProps {
  title: ReactNode;
  /** Beside the title. */
  info?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** Title, actions and content of one page. */
export function PageFrame({ title, info, description, actions, children }: PageFrameProps) {
  return (
    <ContentLayout
      header={
        <Header variant="h1" info={info} description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">{children}</SpaceBetween>
    </ContentLayout>
  );
}
