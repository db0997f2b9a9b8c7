'use client';

import Skeleton from '@cloudscape-design/components/skeleton';
import StatusIndicator from '@cloudscape-design/components/status-indicator';

/** In place of a part of the page that is loaded when it is wanted. */
export const LoadingPart = () => (
  <StatusIndicator type="loading">Loading this part</StatusIndicator>
);

/** Keeps the place of a filter until it is there. */
export const LoadingFilter = () => <Skeleton height="34px" />;
