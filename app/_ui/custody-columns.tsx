'use client';

import type { TableProps } from '@cloudscape-design/components/table';
import type { CallResult } from '../../lib/api/client.ts';
import { Instant } from './instant.tsx';

export type CustodyEntry = CallResult<'listCustody'>['entries'][number];

/** The columns of every piece of the custody log; `names` are those of people in it. */
export const custodyColumns = (
  names: Record<string, string>,
): TableProps.ColumnDefinition<CustodyEntry>[] => [
  { id: 'seq', header: 'No.', isRowHeader: true, cell: (entry) => entry.seq },
  { id: 'at', header: 'When', minWidth: 170, cell: (entry) => <Instant at={entry.at} /> },
  { id: 'kind', header: 'What', minWidth: 150, cell: (entry) => entry.kind },
  {
    id: 'actor',
    header: 'Who',
    minWidth: 180,
    cell: ({ actor, channel }) => `${names[actor] ?? actor.replace(/^person:/, '')} (${channel})`,
  },
  {
    id: 'detail',
    header: 'Details',
    minWidth: 300,
    cell: ({ detail }) => <span className="long-word">{describe(detail)}</span>,
  },
];

/** "from: created, to: preparing": the facts of an entry on one line. */
function describe(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}
