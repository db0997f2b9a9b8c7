'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';

interface DataTableProps<T> {
  /** Plural noun of the rows; heading and accessible name. */
  title: string;
  description?: ReactNode;
  variant?: TableProps.Variant;
  /** Number shown beside the heading. */
  counter?: string | undefined;
  columns: readonly TableProps.ColumnDefinition<T>[];
  rows: readonly T[] | undefined;
  rowId: (row: T) => string;
  error?: unknown;
  onRetry?: () => void;
  actions?: ReactNode;
  filter?: ReactNode;
  pagination?: ReactNode;
  preferences?: ReactNode;
  columnDisplay?: readonly TableProps.ColumnDisplayProperties[];
  /** What a row is called, for the names of its checkbox. */
  rowName?: (row: T) => string;
  selected?: readonly T[];
  onSelect?: (rows: T[]) => void;
  /** The order of the rows; the columns with a `sortingField` can change it. */
  sorting?: { field: string; descending: boolean };
  onSort?: (field: string, descending: boolean) => void;
  wrapLines?: boolean;
  compact?: boolean;
  /** What to say when there is nothing at all, and what to do about it. */
  none: ReactNode;
  noneAction?: ReactNode;
  /** Given while a filter is set: clears it. */
  onClearFilter?: (() => void) | undefined;
}

/** A table with its three empty states: none yet, no match, could not load. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { title, columns, rows, error, onRetry, onClearFilter, variant = 'container' } = props;
  const failed = error !== undefined && error !== null && rows === undefined;
  return (
    <Table
      variant={variant}
      columnDefinitions={columns}
      items={rows ?? []}
      trackBy={props.rowId}
      loading={rows === undefined && !failed}
      loadingText={`Loading ${title.toLowerCase()}`}
      enableKeyboardNavigation
      wrapLines={props.wrapLines ?? true}
      contentDensity={props.compact ? 'compact' : 'comfortable'}
      {...(props.columnDisplay && { columnDisplay: props.columnDisplay })}
      {...(props.onSelect && {
        selectionType: 'multi' as const,
        selectedItems: props.selected ?? [],
        onSelectionChange: ({ detail }: { detail: { selectedItems: T[] } }) =>
          props.onSelect?.(detail.selectedItems),
      })}
      {...(props.sorting
        ? {
            sortingColumn: { sortingField: props.sorting.field },
            sortingDescending: props.sorting.descending,
            onSortingChange: ({ detail }: { detail: TableProps.SortingState<T> }) =>
              props.onSort?.(detail.sortingColumn.sortingField ?? '', detail.isDescending ?? false),
          }
        : { sortingDisabled: true })}
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: `Choose ${title.toLowerCase()}`,
        allItemsSelectionLabel: () => `Choose all ${title.toLowerCase()} on this page`,
        itemSelectionLabel: (_, row) => `Choose ${props.rowName?.(row) ?? props.rowId(row)}`,
      }}
      header={
        <Header
          variant={variant === 'full-page' ? 'awsui-h1-sticky' : 'h2'}
          counter={props.counter}
          actions={props.actions}
          description={props.description}
        >
          {title}
        </Header>
      }
      filter={props.filter}
      pagination={props.pagination}
      preferences={props.preferences}
      empty={
        failed ? (
          <Failure error={error} {...(onRetry && { onRetry })} />
        ) : (
          <Empty
            text={onClearFilter ? `No ${title.toLowerCase()} match the filter.` : props.none}
            action={
              onClearFilter ? (
                <Button onClick={onClearFilter}>Clear filter</Button>
              ) : (
                props.noneAction
              )
            }
          />
        )
      }
    />
  );
}

/** Says that there is nothing, and offers what can be done about it. */
export function Empty({ text, action }: { text: ReactNode; action?: ReactNode }) {
  return (
    <Box textAlign="center" color="inherit" padding={{ vertical: 's' }}>
      <SpaceBetween size="s" alignItems="center">
        <Box color="text-body-secondary">{text}</Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}
