'use client';

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { missingAtHand } from '../../../../lib/domain/irreversible.ts';
import { useApi } from '../../../_data/api.ts';
import { sentence } from '../../../_ui/failure.tsx';
import { RouterButton } from '../../../_ui/router-link.tsx';

/** What is missing before the device is erased; the page of its job is where people decide about it. */
export function BeforeErasing({ jobId }: { jobId: string }) {
  const { data: job } = useApi('getJob', { params: { jobId } });
  const missing = job ? missingAtHand(job.evidence) : [];
  if (missing.length === 0) return null;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="What is on the device is kept until all of this is done."
          actions={<RouterButton href={`/jobs/${jobId}`}>Decide on its job</RouterButton>}
        >
          Before the device is erased
        </Header>
      }
    >
      <SpaceBetween size="s">
        {missing.map(({ condition, missing: what, fix }) => (
          <Box key={condition}>
            <StatusIndicator type="warning">{sentence(what)}</StatusIndicator>
            <Box color="text-body-secondary">{sentence(fix)}</Box>
          </Box>
        ))}
      </SpaceBetween>
    </Container>
  );
}
