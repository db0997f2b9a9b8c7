'use client';

import Box from '@cloudscape-design/components/box';
import type { TableProps } from '@cloudscape-design/components/table';
import type { CallResult } from '../../lib/api/client.ts';
import { CUSTODY_WORDS, type CustodyKind } from '../../lib/domain/custody.ts';
import { Instant } from '../_ui/instant.tsx';
import { RouterLink } from '../_ui/router-link.tsx';

export type CustodyEntry = CallResult<'listCustody'>['entries'][number];

const isKind = (kind: string): kind is CustodyKind => Object.hasOwn(CUSTODY_WORDS, kind);

/** The columns of every piece of the custody log; `names` are those of people, programs and jobs in it. */
export const custodyColumns = (
  names: Record<string, string>,
): TableProps.ColumnDefinition<CustodyEntry>[] => [
  { id: 'seq', header: 'No.', isRowHeader: true, cell: (entry) => entry.seq },
  { id: 'at', header: 'When', minWidth: 110, cell: (entry) => <Instant at={entry.at} /> },
  {
    id: 'kind',
    header: 'What',
    minWidth: 130,
    cell: ({ kind }) => (
      <>
        {isKind(kind) ? CUSTODY_WORDS[kind] : kind}
        <Box variant="small" color="text-body-secondary" display="block">
          {kind}
        </Box>
      </>
    ),
  },
  {
    id: 'actor',
    header: 'Who',
    minWidth: 110,
    cell: ({ actor, channel }) => (
      <>
        {names[actor] ?? actor}
        <Box variant="small" color="text-body-secondary" display="block">
          {channel === 'browser' ? 'in the console' : 'CLI or API'}
        </Box>
      </>
    ),
  },
  {
    id: 'detail',
    header: 'Details',
    minWidth: 180,
    cell: ({ detail }) => <span className="long-word">{describe(detail)}</span>,
  },
];

/** The columns where entries of many jobs and devices stand together. */
export function auditColumns(
  names: Record<string, string>,
): TableProps.ColumnDefinition<CustodyEntry>[] {
  const all = custodyColumns(names);
  return [
    ...all.slice(0, -1),
    {
      id: 'job',
      header: 'Job',
      minWidth: 110,
      cell: ({ jobId }) =>
        jobId ? <RouterLink href={`/jobs/${jobId}`}>{names[jobId] ?? jobId}</RouterLink> : '–',
    },
    {
      id: 'device',
      header: 'Device',
      minWidth: 90,
      cell: ({ deviceId }) =>
        deviceId ? (
          <RouterLink href={`/devices/${encodeURIComponent(deviceId)}`}>{deviceId}</RouterLink>
        ) : (
          '–'
        ),
    },
    ...all.slice(-1),
  ];
}

/** "from: created, to: preparing": the facts of an entry on one line. */
function describe(detail: object): string {
  return Object.entries(detail)
    .map(([name, value]) => [name, wordsOf(value)])
    .filter(([, words]) => words !== '')
    .map(([name, words]) => `${name}: ${words}`)
    .join(', ');
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join(' ');
  if (typeof value === 'object' && value !== null) return `(${describe(value)})`;
  return String(value ?? '');
}
