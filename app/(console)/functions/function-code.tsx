'use client';

import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useApi } from '../../_data/api.ts';
import { TellDialog } from '../../_ui/dialogs.tsx';
import { Failure } from '../../_ui/failure.tsx';

/** The code that is kept, to be read. */
export function FunctionCode({ name, onClose }: { name: string; onClose: () => void }) {
  const { data, error } = useApi('getFunction', { params: { name } });
  return (
    <TellDialog title={`Code of ${name}`} confirm="Close" size="large" onClose={onClose}>
      {error && <Failure error={error} />}
      {data ? (
        <>
          <Box color="text-body-secondary">
            SHA-256, as a policy of the site names it:{' '}
            <span className="command">{data.sha256}</span>
          </Box>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls by the keyboard */}
          <section className="scrolled" aria-label={`Code of ${name}`} tabIndex={0}>
            <Box variant="pre">{data.code}</Box>
          </section>
        </>
      ) : (
        !error && <StatusIndicator type="loading">Loading the code</StatusIndicator>
      )}
    </TellDialog>
  );
}
