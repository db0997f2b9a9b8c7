'use client';

import SegmentedControl from '@cloudscape-design/components/segmented-control';
import type { TableProps } from '@cloudscape-design/components/table';
import { useCallback, useState } from 'react';
import type { CallResult } from '../../../../../lib/api/client.ts';
import { formatBytes } from '../../../../../lib/domain/sizes.ts';
import { useApi } from '../../../../_data/api.ts';
import { usePages } from '../../../../_data/paging.tsx';
import { DataTable } from '../../../../_ui/data-table.tsx';
import { SearchField } from '../../../../_ui/search-field.tsx';

type Row = CallResult<'listReportRows'>['rows'][number];
type LogFile = 'success.csv' | 'failure.csv';

const PAGE = 25;
const LOGS: { id: LogFile; text: string }[] = [
  { id: 'success.csv', text: 'Success log' },
  { id: 'failure.csv', text: 'Failure log' },
];

const long = (text: string) => <span className="long-word">{text || '–'}</span>;
const KEY: TableProps.ColumnDefinition<Row> = {
  id: 'key',
  header: 'Object',
  isRowHeader: true,
  minWidth: 220,
  cell: (row) => long(row.key),
};
const COLUMNS: Record<LogFile, TableProps.ColumnDefinition<Row>[]> = {
  'success.csv': [
    KEY,
    { id: 'bytes', header: 'Size', minWidth: 110, cell: (row) => formatBytes(row.bytes) },
    { id: 'result', header: 'Result', minWidth: 110, cell: (row) => row.result },
    { id: 'sha256', header: 'SHA-256', minWidth: 260, cell: (row) => long(row.sha256) },
    { id: 'crc32', header: 'CRC-32', minWidth: 100, cell: (row) => row.crc32 },
  ],
  'failure.csv': [
    KEY,
    { id: 'bytes', header: 'Size', minWidth: 110, cell: (row) => formatBytes(row.bytes) },
    { id: 'result', header: 'Result', minWidth: 90, cell: (row) => row.result },
    { id: 'reason', header: 'Reason', minWidth: 150, cell: (row) => row.reason || '–' },
    { id: 'proof', header: 'Bytes proved', minWidth: 150, cell: (row) => row.proof || '–' },
    { id: 'detail', header: 'Details', minWidth: 240, cell: (row) => long(row.detail) },
  ],
};

/** The two logs of the report: a line an object, searched and paged by the server. */
export function ReportLog({ jobId, first }: { jobId: string; first: LogFile }) {
  const [file, setFile] = useState(first);
  const [text, setText] = useState('');
  const pages = usePages<number>();
  const { restart } = pages;
  const query = { after: pages.mark, limit: PAGE, text };
  const list = useApi('listReportRows', { params: { jobId, file }, query }, { keep: true });
  const search = useCallback(
    (next: string) => {
      setText(next);
      restart();
    },
    [restart],
  );
  const answer = list.data;
  const searched = answer && answer.next !== null && answer.rows.length < PAGE;
  return (
    <DataTable
      title="Objects"
      description={
        searched
          ? `Searched ${formatBytes(answer.searchedBytes)} of ${formatBytes(answer.totalBytes)}; the next page goes on`
          : 'A line an object, as the logs say it'
      }
      columns={COLUMNS[file]}
      rows={answer?.rows}
      rowId={(row) => `${row.result} ${row.key}`}
      error={list.error}
      onRetry={() => void list.refetch()}
      actions={
        <SegmentedControl
          label="Which log"
          selectedId={file}
          options={LOGS}
          onChange={({ detail }) => {
            setFile(detail.selectedId as LogFile);
            restart();
          }}
        />
      }
      filter={
        <SearchField
          label="Find objects by key, checksum, result or reason"
          value={text}
          onSearch={search}
        />
      }
      pagination={pages.control(answer?.next)}
      none={
        file === 'failure.csv'
          ? 'No object was left out and none failed.'
          : 'No object was written.'
      }
      onClearFilter={text ? () => search('') : undefined}
    />
  );
}
