'use client';

import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { PlanStep } from '../../../../lib/domain/processing.ts';
import { formatBytes } from '../../../../lib/domain/sizes.ts';
import { useApi } from '../../../_data/api.ts';
import { api } from '../../../_data/api-client.ts';
import { inOneText, sayError } from '../../../_ui/failure.tsx';
import { RouterLink } from '../../../_ui/router-link.tsx';

/** Takes code and limits of a function that is kept by name; they can be changed for this job afterwards. */
export function KeptFunctionField({ onTake }: { onTake: (step: PlanStep) => void }) {
  const { data } = useApi('listFunctions');
  const [taken, setTaken] = useState<string>();
  const read = useMutation({
    mutationFn: (name: string) => api.call('getFunction', { params: { name } }),
    onSuccess: ({ name, code, options }) => {
      setTaken(name);
      onTake({ ...options, code, step: 'function' });
    },
  });
  const functions = data?.functions ?? [];
  const choices = functions.map(({ name, bytes }) => ({
    value: name,
    label: name,
    description: `${formatBytes(bytes)} of code`,
  }));
  return (
    <FormField
      label="Kept function (optional)"
      description={
        <>
          Fills in code and limits of one of the{' '}
          <RouterLink href="/functions">functions that are kept here</RouterLink>; this job gets a
          copy. The draft stays if you look there.
        </>
      }
      stretch
      {...(read.error && { errorText: inOneText(sayError(read.error)) })}
    >
      <Select
        options={choices}
        selectedOption={choices.find(({ value }) => value === taken) ?? null}
        placeholder="Choose a function"
        empty="No function is kept yet"
        statusType={data ? (read.isPending ? 'loading' : 'finished') : 'loading'}
        onChange={({ detail }) => read.mutate(detail.selectedOption.value ?? '')}
      />
    </FormField>
  );
}
