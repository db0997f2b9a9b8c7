'use client';

import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { describeSizes, OPTION_RULES, type OptionRules } from '../../../../lib/domain/options.ts';
import { OPTIONS, type Option } from '../../../../lib/domain/words.ts';
import { storeKinds } from '../../../_parts/store-words.ts';

interface RuleRow {
  label: string;
  value: (rules: OptionRules, option: Option) => string;
}

const yesNo = (value: boolean) => (value ? 'yes' : 'no');

const RULES: readonly RuleRow[] = [
  { label: 'Whose device', value: (rules) => rules.owner },
  { label: 'Sizes', value: (_, option) => describeSizes(option) },
  { label: 'Import into', value: (rules) => storeKinds(rules.importInto) },
  { label: 'Export from', value: (rules) => storeKinds(rules.exportFrom) },
  { label: 'Encryption', value: (rules) => rules.encryption },
  { label: 'Processing at the edge', value: (rules) => yesNo(rules.processing) },
  { label: 'Managed in the console', value: (rules) => yesNo(rules.managedInConsole) },
  { label: 'Device is sent to the site first', value: (rules) => yesNo(rules.deviceShipsFirst) },
];

const COLUMNS: TableProps.ColumnDefinition<RuleRow>[] = [
  { id: 'rule', header: 'Rule', minWidth: 150, cell: (row) => row.label, isRowHeader: true },
  ...OPTIONS.map((option) => ({
    id: option,
    header: OPTION_RULES[option].label,
    minWidth: 120,
    cell: (row: RuleRow) => row.value(OPTION_RULES[option], option),
  })),
];

/** The rules of the options side by side, straight from the table that the server enforces. */
export function OptionComparison() {
  return (
    <ExpandableSection headerText="Compare the options" variant="footer" defaultExpanded>
      <Table
        variant="embedded"
        columnDefinitions={COLUMNS}
        items={RULES}
        wrapLines
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: 'Rules of the options' }}
      />
    </ExpandableSection>
  );
}
