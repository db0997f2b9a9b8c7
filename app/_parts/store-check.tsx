'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { CallResult } from '../../lib/api/client.ts';
import { missingRights, type RightState, STORE_RIGHTS } from '../../lib/domain/store-rights.ts';
import { sentence } from '../_ui/failure.tsx';
import { type Sign, Signed } from '../_ui/status-icon.tsx';

const SIGNS: Record<RightState, Sign> = {
  allowed: ['success', 'Allowed'],
  refused: ['error', 'Refused'],
  untried: ['pending', 'Not tried'],
};

/** What the trial of a bucket's rights found: each right, what it is for, and what is missing. */
export function StoreCheck({ rights, notes }: CallResult<'checkStore'>) {
  const missing = missingRights(rights) !== '';
  return (
    <SpaceBetween size="s">
      <Alert type={missing ? 'error' : 'success'}>
        {missing
          ? 'Rights are missing: give them to the key pair or the account of the console, and test again before anything ships.'
          : 'Everything that jobs need is allowed.'}
      </Alert>
      <Table
        variant="embedded"
        contentDensity="compact"
        wrapLines
        items={rights}
        trackBy="right"
        ariaLabels={{ tableLabel: 'Rights' }}
        columnDefinitions={[
          {
            id: 'right',
            header: 'Right',
            minWidth: 140,
            isRowHeader: true,
            cell: ({ right }) => STORE_RIGHTS[right].label,
          },
          {
            id: 'state',
            header: 'Found',
            minWidth: 160,
            cell: ({ state, detail }) => (
              <>
                <Signed type={SIGNS[state][0]}>{SIGNS[state][1]}</Signed>
                {detail && (
                  <Box variant="small" display="block">
                    <span className="long-word">{detail}</span>
                  </Box>
                )}
              </>
            ),
          },
          {
            id: 'why',
            header: 'Needed for',
            minWidth: 180,
            cell: ({ right }) => STORE_RIGHTS[right].why,
          },
        ]}
      />
      {notes.length > 0 && (
        <Alert type="info" header="What Waybill does itself here">
          {notes.map(sentence).join(' ')}
        </Alert>
      )}
    </SpaceBetween>
  );
}
