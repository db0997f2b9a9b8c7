'use client';

import DateInput from '@cloudscape-design/components/date-input';
import FormField from '@cloudscape-design/components/form-field';
import PropertyFilter, {
  type PropertyFilterProps,
} from '@cloudscape-design/components/property-filter';
import { counted } from '../../../lib/domain/counted.ts';
import {
  FILTER_PROPERTY_NAMES,
  type FilterOperator,
  type FilterProperty,
  type FilterToken,
  filterProperty,
  formatJobFilter,
  type JobFilter,
  parseJobFilter,
} from '../../../lib/domain/job-filter.ts';
import { OPTION_RULES } from '../../../lib/domain/options.ts';
import { isWord, JOB_STATES, OPTIONS, OUTCOMES } from '../../../lib/domain/words.ts';
import { JOB_STATE_SIGNS, OUTCOME_WORDS } from '../../_parts/status.tsx';

const formatValue = (value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map(wordOf).join(', ');

function wordOf(value: unknown): string {
  if (isWord(JOB_STATES, value)) return JOB_STATE_SIGNS[value][1];
  if (isWord(OPTIONS, value)) return OPTION_RULES[value].label;
  if (isWord(OUTCOMES, value)) return OUTCOME_WORDS[value];
  return String(value ?? '');
}

const ofKind: Record<
  ReturnType<typeof filterProperty>['kind'],
  (operator: FilterOperator) => PropertyFilterProps.ExtendedOperator<string>
> = {
  word: (operator) => ({ operator, tokenType: 'enum', format: formatValue }),
  text: (operator) => ({ operator, tokenType: 'value', format: formatValue }),
  size: (operator) => ({ operator, tokenType: 'value', format: formatValue }),
  time: (operator) => ({ operator, format: formatValue, form: DayForm }),
};

function DayForm({ value, onChange }: PropertyFilterProps.ExtendedOperatorFormProps<string>) {
  return (
    <FormField label="Day" constraintText="YYYY/MM/DD, UTC">
      <DateInput
        value={value ?? ''}
        placeholder="YYYY/MM/DD"
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}

const filterNames = FILTER_PROPERTY_NAMES.filter((name) => name !== 'text');

const PROPERTIES: PropertyFilterProps.FilteringProperty[] = filterNames.map((key) => {
  const { label, kind, operators } = filterProperty(key);
  return {
    key,
    propertyLabel: label,
    groupValuesLabel: `${label} values`,
    operators: operators.map(ofKind[kind]),
    ...(!operators.includes('=') && { defaultOperator: operators[0] ?? '>=' }),
  };
});

const VALUES: PropertyFilterProps.FilteringOption[] = filterNames.flatMap((propertyKey) =>
  (filterProperty(propertyKey).words ?? []).map((value) => ({
    propertyKey,
    value,
    label: wordOf(value),
  })),
);

function queryOf({ join, tokens }: JobFilter): PropertyFilterProps.Query {
  return {
    operation: join,
    tokens: tokens.map(({ property, operator, values }) => {
      const isWordToken = filterProperty(property).kind === 'word';
      const value = isWordToken ? [...values] : values.join(' | ');
      return { operator, value, ...(property !== 'text' && { propertyKey: property }) };
    }),
  };
}

/** The filter of a query; undefined when a value in it is none. */
function filterOf({ operation, tokens }: PropertyFilterProps.Query): JobFilter | undefined {
  const read = tokens.map(
    ({ propertyKey, operator, value }): FilterToken => ({
      property: (propertyKey ?? 'text') as FilterProperty,
      operator: operator as FilterOperator,
      values: Array.isArray(value) ? value.map(String) : [String(value ?? '').trim()],
    }),
  );
  try {
    const filter = { join: operation, tokens: read.filter(({ values }) => values.length > 0) };
    return parseJobFilter(formatJobFilter(filter));
  } catch {
    return undefined;
  }
}

interface JobsFilterProps {
  filter: JobFilter;
  count: number | undefined;
  loading: boolean;
  onChange: (filter: JobFilter) => void;
  /** What was typed is no filter. */
  onInvalid: () => void;
}

/** The filter of a list of jobs, as conditions that can be taken off one by one. */
export function JobsFilter({ filter, count, loading, onChange, onInvalid }: JobsFilterProps) {
  return (
    <PropertyFilter
      query={queryOf(filter)}
      filteringProperties={PROPERTIES}
      filteringOptions={VALUES}
      freeTextFiltering={{ operators: [':', '!:'], defaultOperator: ':' }}
      filteringAriaLabel="Find jobs"
      filteringPlaceholder="Find jobs by state, name, device and more"
      filteringEmpty="No suggestion"
      expandToViewport
      loading={loading}
      {...(count !== undefined && { countText: counted(count, 'match', 'matches') })}
      onChange={({ detail }) => {
        const next = filterOf(detail);
        if (next) onChange(next);
        else onInvalid();
      }}
    />
  );
}
