'use client';

import Button from '@cloudscape-design/components/button';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { OPTION_RULES } from '../../../lib/domain/options.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { isWord, JOB_STATES, JOB_TYPES, OPTIONS } from '../../../lib/domain/words.ts';
import { useApi } from '../../_ui/api.ts';
import { DataTable } from '../../_ui/data-table.tsx';
import { useLive } from '../../_ui/live.tsx';
import { RouterButton } from '../../_ui/router-link.tsx';
import { usePerson } from '../../_ui/session.tsx';
import { JOB_STATE_SIGNS } from '../../_ui/status.tsx';
import { JOB_COLUMNS } from './job-columns.tsx';

const PAGE = 25;
const ANY: SelectProps.Option = { value: '', label: 'Any' };

/** The filters of the list, each a word in the address. */
const FILTERS: { name: string; label: string; options: SelectProps.Option[] }[] = [
  {
    name: 'state',
    label: 'State',
    options: [ANY, ...JOB_STATES.map((value) => ({ value, label: JOB_STATE_SIGNS[value][1] }))],
  },
  {
    name: 'option',
    label: 'Option',
    options: [ANY, ...OPTIONS.map((value) => ({ value, label: OPTION_RULES[value].label }))],
  },
  {
    name: 'type',
    label: 'Type',
    options: [ANY, ...JOB_TYPES.map((value) => ({ value, label: value }))],
  },
  {
    name: 'attention',
    label: 'Attention',
    options: [ANY, { value: 'true', label: 'Needs attention' }],
  },
];

/** All jobs, newest first; filter and page are in the address. */
export function JobsView() {
  const person = usePerson();
  const params = useSearchParams();
  const router = useRouter();
  const path = usePathname();
  useLive();
  const get = (name: string) => params.get(name) ?? '';
  const set = (changes: Record<string, string>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes))
      value ? next.set(name, value) : next.delete(name);
    router.replace(`${path}?${next}`, { scroll: false });
  };
  const filter = (name: string, value: string) => set({ [name]: value, before: '' });
  const list = useApi('listJobs', { query: queryOf(params) }, { keep: true });
  const filtered = ['text', ...FILTERS.map(({ name }) => name)].some((name) => get(name));
  const mayCreate = permits(person.role, 'job.create');
  const create = (
    <RouterButton variant="primary" href="/jobs/new">
      Create job
    </RouterButton>
  );
  const next = list.data?.next;
  return (
    <DataTable
      variant="full-page"
      title="Jobs"
      columns={JOB_COLUMNS}
      rows={list.data?.jobs}
      rowId={(job) => job.id}
      error={list.error}
      onRetry={() => void list.refetch()}
      actions={mayCreate && create}
      filter={
        <SpaceBetween direction="horizontal" size="xs">
          <NameFilter text={get('text')} onFilter={(text) => filter('text', text)} />
          {FILTERS.map(({ name, label, options }) => (
            <Select
              key={name}
              inlineLabelText={label}
              options={options}
              selectedOption={options.find(({ value }) => value === get(name)) ?? ANY}
              onChange={({ detail }) => filter(name, detail.selectedOption.value ?? '')}
            />
          ))}
        </SpaceBetween>
      }
      pagination={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!get('before')} onClick={() => set({ before: '' })}>
            Newest
          </Button>
          <Button disabled={!next} onClick={() => set({ before: String(next) })}>
            Older
          </Button>
        </SpaceBetween>
      }
      none="No job yet. A job moves data between a site and a store with one device."
      noneAction={mayCreate && create}
      onClearFilter={filtered ? () => router.replace(path) : undefined}
    />
  );
}

/** The name is asked for once typing has ended. */
function NameFilter({ text, onFilter }: { text: string; onFilter: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  return (
    <TextFilter
      filteringText={typed}
      filteringPlaceholder="Name, or id"
      filteringAriaLabel="Find jobs by name or id"
      onChange={({ detail }) => setTyped(detail.filteringText)}
      onDelayedChange={({ detail }) => onFilter(detail.filteringText.trim())}
    />
  );
}

function queryOf(params: URLSearchParams) {
  const word = <T extends string>(words: readonly T[], name: string): T | undefined => {
    const value = params.get(name);
    return isWord(words, value) ? value : undefined;
  };
  const before = Number(params.get('before') ?? Number.NaN);
  return {
    limit: PAGE,
    before: Number.isSafeInteger(before) ? before : undefined,
    state: word(JOB_STATES, 'state'),
    option: word(OPTIONS, 'option'),
    type: word(JOB_TYPES, 'type'),
    attention: word(['true', 'false'] as const, 'attention'),
    text: params.get('text')?.slice(0, 100) || undefined,
  };
}
