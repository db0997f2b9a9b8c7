'use client';

import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Icon from '@cloudscape-design/components/icon';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { PERMISSION_WORDS, type Permission, permits } from '../../../lib/domain/permissions.ts';
import { PEOPLE_ROLES } from '../../../lib/domain/words.ts';
import { ROLE_NAMES } from '../../_parts/role-words.ts';
import { sentence } from '../../_ui/failure.tsx';

const ROWS = (Object.keys(PERMISSION_WORDS) as Permission[])
  // What only programs do says nothing about people.
  .filter((name) => PEOPLE_ROLES.some((role) => permits(role, name)))
  .map((name) => ({ name, words: PERMISSION_WORDS[name] }));

const COLUMNS: TableProps.ColumnDefinition<(typeof ROWS)[number]>[] = [
  { id: 'what', header: 'May', isRowHeader: true, minWidth: 220, cell: ({ words }) => words },
  ...PEOPLE_ROLES.map((role) => ({
    id: role,
    header: sentence(ROLE_NAMES[role]).slice(0, -1),
    minWidth: 110,
    cell: ({ name }: (typeof ROWS)[number]) =>
      permits(role, name) ? <Icon name="check" ariaLabel="yes" /> : '–',
  })),
];

/** What each role may do, from the table that the server goes by. */
export function RolesCard() {
  return (
    <ExpandableSection variant="container" headerText="What each role may do">
      <Table
        variant="embedded"
        contentDensity="compact"
        wrapLines
        items={ROWS}
        trackBy="name"
        columnDefinitions={COLUMNS}
        ariaLabels={{ tableLabel: 'What each role may do' }}
      />
    </ExpandableSection>
  );
}
