'use client';

import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { ListedFunction } from '../../../lib/api/schemas/processing-schemas.ts';
import { formatJobFilter } from '../../../lib/domain/job-filter.ts';
import { permits } from '../../../lib/domain/permissions.ts';
import { formatBytes, formatDuration } from '../../../lib/domain/sizes.ts';
import { isWord } from '../../../lib/domain/words.ts';
import { useApi } from '../../_data/api.ts';
import { usePerson } from '../../_data/session.tsx';
import { Copyable } from '../../_ui/copyable.tsx';
import { DataTable } from '../../_ui/data-table.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';
import { jobsAddress } from '../jobs/list-address.ts';

// Dialogs come when they are asked for.
const KeepFunction = dynamic(() => import('./keep-function.tsx').then((part) => part.KeepFunction));
const FunctionCode = dynamic(() => import('./function-code.tsx').then((part) => part.FunctionCode));
const RemoveFunction = dynamic(() =>
  import('./remove-function.tsx').then((part) => part.RemoveFunction),
);

const ACTION_IDS = ['replace', 'remove'] as const;
type ActionId = (typeof ACTION_IDS)[number];
type Shown = { id: ActionId | 'code'; one: ListedFunction } | { id: 'keep' } | undefined;

/** Code that jobs take by name: the console keeps it, the agent at the site runs it. */
export function FunctionsView() {
  const mayKeep = permits(usePerson().role, 'job.create');
  const list = useApi('listFunctions');
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  const functions = list.data?.functions;
  const keep = mayKeep && (
    <Button variant="primary" onClick={() => setShown({ id: 'keep' })}>
      Keep function
    </Button>
  );
  return (
    <>
      <DataTable
        variant="full-page"
        title="Functions"
        counter={functions && `(${functions.length.toLocaleString('en')})`}
        description="Code that Snowball Edge jobs run on the data at the site: taken in the wizard, or named by its ARN through the Snowball API. A job gets a copy, and keeps it."
        columns={columnsOf(mayKeep, (id, one) => setShown({ id, one }))}
        rows={functions}
        rowId={({ name }) => name}
        error={list.error}
        onRetry={() => void list.refetch()}
        actions={keep}
        none="No function yet. A function is one file in the shape of an AWS Lambda handler; kept here, jobs take it by its name and nobody has to paste its code."
        noneAction={keep}
      />
      {shown?.id === 'keep' && <KeepFunction kept={functions ?? []} onClose={close} />}
      {shown?.id === 'replace' && (
        <KeepFunction kept={functions ?? []} replaced={shown.one} onClose={close} />
      )}
      {shown?.id === 'code' && <FunctionCode name={shown.one.name} onClose={close} />}
      {shown?.id === 'remove' && <RemoveFunction one={shown.one} onClose={close} />}
    </>
  );
}

/** As `LambdaResources` name it; what stands between the colons is not looked at. */
const arnOf = (name: string): string => `arn:aws:lambda:::function:${name}`;

function columnsOf(
  mayKeep: boolean,
  show: (id: ActionId | 'code', one: ListedFunction) => void,
): TableProps.ColumnDefinition<ListedFunction>[] {
  return [
    {
      id: 'name',
      header: 'Function',
      isRowHeader: true,
      minWidth: 130,
      cell: ({ name }) => <span className="long-word">{name}</span>,
    },
    {
      id: 'arn',
      header: 'ARN',
      minWidth: 220,
      cell: ({ name }) => <Copyable text={arnOf(name)} what={`ARN of ${name}`} />,
    },
    {
      id: 'code',
      header: 'Code',
      minWidth: 150,
      cell: (one) => (
        <>
          <Button
            variant="inline-link"
            ariaLabel={`Show the code of ${one.name}`}
            onClick={() => show('code', one)}
          >
            {formatBytes(one.bytes)}
          </Button>
          , SHA-256 <span title={one.sha256}>{one.sha256.slice(0, 12)}…</span>
        </>
      ),
    },
    {
      id: 'limits',
      header: 'Limits',
      minWidth: 160,
      cell: ({ options }) => limitsOf(options),
    },
    {
      id: 'jobs',
      header: 'Jobs with this code',
      minWidth: 130,
      cell: (one) => <JobsOfFunction {...one} />,
    },
    {
      id: 'changed',
      header: 'Changed',
      minWidth: 140,
      cell: ({ changedAt }) => <Instant at={changedAt} />,
    },
    ...(mayKeep
      ? [
          {
            id: 'do',
            header: 'Actions',
            minWidth: 90,
            cell: (one: ListedFunction) => (
              <ButtonDropdown
                variant="inline-icon"
                expandToViewport
                ariaLabel={`Actions of ${one.name}`}
                items={[
                  { id: 'replace', text: 'Replace the code' },
                  { id: 'remove', text: 'Remove' },
                ]}
                onItemClick={({ detail }) => {
                  if (isWord(ACTION_IDS, detail.id)) show(detail.id, one);
                }}
              />
            ),
          },
        ]
      : []),
  ];
}

/** What an invocation may take, and whether it asks for the network. */
function limitsOf({ memoryMB, timeoutMs, network }: ListedFunction['options']): string {
  return [
    `${Number(memoryMB).toLocaleString('en')} MB`,
    formatDuration(Number(timeoutMs)),
    ...(network === true ? ['asks for the network'] : []),
  ].join(', ');
}

/** How many jobs have its code, as a link to them. */
function JobsOfFunction({ name, jobs, openJobs }: ListedFunction) {
  if (jobs === 0) return <>none</>;
  const token = { property: 'function', operator: '=', values: [name] } as const;
  return (
    <RouterLink href={jobsAddress(formatJobFilter({ join: 'and', tokens: [token] }))}>
      {openJobs.toLocaleString('en')} open of {jobs.toLocaleString('en')}
    </RouterLink>
  );
}
