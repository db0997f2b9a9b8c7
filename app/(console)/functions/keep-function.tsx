'use client';

import Alert from '@cloudscape-design/components/alert';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { ListedFunction } from '../../../lib/api/schemas/processing-schemas.ts';
import { isWaybillError } from '../../../lib/domain/errors.ts';
import { keptStep } from '../../../lib/domain/kept-functions.ts';
import type { OptionValue } from '../../../lib/domain/processing.ts';
import { COMMON_OPTIONS, type OptionRule, stepRule } from '../../../lib/domain/processing-steps.ts';
import { formatBytes } from '../../../lib/domain/sizes.ts';
import { useCall } from '../../_data/api.ts';
import { OptionField } from '../../_parts/step-option-field.tsx';
import { CallDialog } from '../../_ui/dialogs.tsx';
import { OneFile } from '../../_ui/file-input.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { TextField } from '../../_ui/text-field.tsx';

const { code: CODE_RULE, ...OPTION_RULES } = stepRule('function').options;
const CODE_MAX = CODE_RULE?.kind === 'text' ? CODE_RULE.max : 0;
const OPTIONS: Record<string, OptionRule> = { ...OPTION_RULES, ...COMMON_OPTIONS };

interface KeepFunctionProps {
  kept: readonly ListedFunction[];
  /** Gets other code; its options are the ones to begin with. */
  replaced?: ListedFunction;
  onClose: () => void;
}

interface Chosen {
  file: File;
  /** Undefined when it is no text. */
  code: string | undefined;
}

/** Keeps the code of a file under a name, with its limits. */
export function KeepFunction({ kept, replaced, onClose }: KeepFunctionProps) {
  const notify = useNotify();
  const [name, setName] = useState(replaced?.name ?? '');
  const [chosen, setChosen] = useState<Chosen>();
  const [options, setOptions] = useState<Record<string, OptionValue>>(replaced?.options ?? {});
  const call = useCall('keepFunction', () => {
    notify('success', `${name} is kept. Jobs take it by its name from now on.`);
    onClose();
  });
  const before = kept.find((one) => one.name === name.trim());
  const code = chosen?.code;
  const fileProblem = chosen && codeProblem(code);
  const take = async (file: File | undefined) => {
    call.reset();
    setChosen(file && { file, code: textOf(await file.arrayBuffer()) });
    // "count-lines.mjs" is likely to be called so.
    if (file && name === '') setName(file.name.replace(/\.[^.]*$/, ''));
  };
  return (
    <CallDialog
      title={replaced ? `Replace the code of ${replaced.name}` : 'Keep a function'}
      confirm={before ? 'Replace' : 'Keep'}
      size="large"
      call={call}
      disabled={name.trim() === '' || !chosen || fileProblem !== undefined}
      onClose={onClose}
      onConfirm={() => {
        if (code) call.mutate({ params: { name: name.trim() }, body: { code, options } });
      }}
    >
      {before && (
        <Alert type="warning">
          {before.name} has other code until now. Jobs that exist keep the copy that they have;
          whoever takes {before.name} from now on gets the new code.
        </Alert>
      )}
      <FormField
        label="Code"
        description="One ES module that exports the handler; bundle what it needs."
        constraintText={`A text file of at most ${formatBytes(CODE_MAX)}`}
        {...(fileProblem && { errorText: fileProblem })}
      >
        <OneFile
          file={chosen?.file}
          accept=".mjs,.js"
          dropText="Drop the file here"
          onChange={(file) => void take(file)}
        />
      </FormField>
      {!replaced && (
        <TextField
          label="Name"
          constraint="1 to 64 letters, digits, hyphens and underscores: the last part of its ARN"
          error={nameProblem(name.trim())}
          value={name}
          onChange={setName}
        />
      )}
      <ExpandableSection headerText="Handler, limits and names of what it makes">
        <SpaceBetween size="m">
          {Object.entries(OPTIONS).map(([option, rule]) => (
            <OptionField
              key={option}
              name={option}
              rule={rule}
              value={options[option]}
              onChange={(value) => setOptions(withOption(options, option, value))}
            />
          ))}
        </SpaceBetween>
      </ExpandableSection>
    </CallDialog>
  );
}

function withOption(
  options: Record<string, OptionValue>,
  name: string,
  value: OptionValue | undefined,
): Record<string, OptionValue> {
  const { [name]: _, ...others } = options;
  return value === undefined ? others : { ...others, [name]: value };
}

function textOf(content: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function codeProblem(code: string | undefined): string | undefined {
  if (code === undefined) return 'The file is no text.';
  if (code.trim() === '') return 'The file is empty.';
  const over = code.length > CODE_MAX;
  return over ? `The file is over ${formatBytes(CODE_MAX)}; make it smaller.` : undefined;
}

/** The rule of the API, before anything is sent; nothing while nothing is typed. */
function nameProblem(name: string): string | undefined {
  if (name === '') return undefined;
  try {
    keptStep(name, { code: ' ' });
    return undefined;
  } catch (error) {
    if (!isWaybillError(error, 'BadRequest')) throw error;
    return `The name cannot be taken: ${String(error.facts.detail)}.`;
  }
}
