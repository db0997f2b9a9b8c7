'use client';

import DateRangePicker, {
  type DateRangePickerProps,
} from '@cloudscape-design/components/date-range-picker';
import PropertyFilter, {
  type PropertyFilterProps,
} from '@cloudscape-design/components/property-filter';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { CUSTODY_KINDS, CUSTODY_WORDS } from '../../lib/domain/custody.ts';

/** Which entries of the custody log are wanted. */
export interface CustodyFilterValue {
  kind?: string;
  actor?: string;
  jobId?: string;
  deviceId?: string;
  from?: string;
  to?: string;
}

const ALL = [
  { key: 'kind', propertyLabel: 'What', groupValuesLabel: 'Kinds of entries', operators: ['='] },
  { key: 'actor', propertyLabel: 'Who', groupValuesLabel: 'People and programs', operators: ['='] },
  { key: 'jobId', propertyLabel: 'Job', groupValuesLabel: 'Jobs', operators: ['='] },
  { key: 'deviceId', propertyLabel: 'Device', groupValuesLabel: 'Devices', operators: ['='] },
] as const;
const OF_ONE_JOB = ALL.slice(0, 2);
const GROUPS = [...new Set(CUSTODY_KINDS.map((kind) => kind.split('.')[0] ?? kind))];
const KINDS = [
  ...GROUPS.map((value) => ({ propertyKey: 'kind', value })),
  ...CUSTODY_KINDS.map((value) => ({
    propertyKey: 'kind',
    value,
    label: CUSTODY_WORDS[value],
    tags: [value],
  })),
];

interface CustodyFilterProps {
  value: CustodyFilterValue;
  /** Of people, programs and jobs that the log has shown, by their ids. */
  names: Record<string, string>;
  /** The log of one job: only what and who are asked for. */
  ofOneJob?: boolean;
  onChange: (filter: CustodyFilterValue) => void;
}

/** Kind, actor, job, device and time; the server does the filtering. One value of each. */
export function CustodyFilter({ value, names, ofOneJob = false, onChange }: CustodyFilterProps) {
  const properties = ofOneJob ? OF_ONE_JOB : ALL;
  const known = Object.entries(names).map(([id, label]) => ({
    propertyKey: id.startsWith('JID') ? 'jobId' : 'actor',
    value: id,
    label,
  }));
  const [range, setRange] = useState<DateRangePickerProps.Value | null>(null);
  const tokens = properties.flatMap(({ key }) =>
    value[key] === undefined ? [] : [{ propertyKey: key, operator: '=', value: value[key] }],
  );
  const times = { ...(value.from && { from: value.from }), ...(value.to && { to: value.to }) };
  const setTokens = ({ tokens: given }: PropertyFilterProps.Query) => {
    const chosen = properties.flatMap(({ key }) => {
      const last = given.findLast((token) => token.propertyKey === key);
      return last ? [[key, String(last.value)]] : [];
    });
    onChange({ ...Object.fromEntries(chosen), ...times });
  };
  const setTimes = (next: DateRangePickerProps.Value | null) => {
    setRange(next);
    const { from: _from, to: _to, ...rest } = value;
    if (next?.type !== 'absolute') return onChange(rest);
    const [from, to] = [next.startDate, next.endDate].map((at) => new Date(at).toISOString());
    onChange({ ...rest, ...(from && { from }), ...(to && { to }) });
  };
  return (
    <SpaceBetween direction="horizontal" size="s">
      <PropertyFilter
        query={{ tokens, operation: 'and' }}
        hideOperations
        disableFreeTextFiltering
        filteringPlaceholder={ofOneJob ? 'What, who' : 'What, who, job, device'}
        filteringAriaLabel="Filter the custody log"
        filteringProperties={properties}
        filteringOptions={[...KINDS, ...known]}
        onChange={({ detail }) => setTokens(detail)}
      />
      <DateRangePicker
        value={value.from || value.to ? range : null}
        rangeSelectorMode="absolute-only"
        relativeOptions={[]}
        isValidRange={() => ({ valid: true })}
        placeholder="Any time"
        onChange={({ detail }) => setTimes(detail.value)}
      />
    </SpaceBetween>
  );
}
