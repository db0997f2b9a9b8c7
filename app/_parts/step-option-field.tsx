'use client';

import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import Toggle from '@cloudscape-design/components/toggle';
import type { OptionValue, Redaction } from '../../lib/domain/processing.ts';
import { optionProblem } from '../../lib/domain/processing.ts';
import type { OptionRule } from '../../lib/domain/processing-steps.ts';

interface OptionFieldProps {
  name: string;
  rule: OptionRule;
  value: OptionValue | undefined;
  /** Undefined: the standard value. */
  onChange: (value: OptionValue | undefined) => void;
}

/** "Ignore case", "Memory MB", from the name that an option has in plans. */
const wordsOf = (name: string): string =>
  name.charAt(0).toUpperCase() +
  name.slice(1).replace(/[A-Z]+/g, (word) => ` ${word.length > 1 ? word : word.toLowerCase()}`);

/** One option of a processing step, in the field that its rule asks for. */
export function OptionField(props: OptionFieldProps) {
  const { name, rule, value } = props;
  const standard = 'default' in rule ? rule.default : undefined;
  const optional = rule.required || standard !== undefined ? '' : ' (optional)';
  const problem = value === undefined ? undefined : optionProblem(rule, value);
  return (
    <FormField
      label={`${wordsOf(name)}${optional}`}
      description={rule.about}
      stretch
      {...(problem && { errorText: `It ${problem}.` })}
    >
      <Control {...props} standard={standard} />
    </FormField>
  );
}

function Control(props: OptionFieldProps & { standard: OptionValue | undefined }) {
  const { name, rule, value, onChange, standard } = props;
  const text = value === undefined ? '' : String(value);
  switch (rule.kind) {
    case 'flag':
      return (
        <Toggle checked={value === true} onChange={({ detail }) => onChange(detail.checked)}>
          {value === true ? 'Yes' : 'No'}
        </Toggle>
      );
    case 'word': {
      const options = rule.words.map((word) => ({ value: word, label: word }));
      return (
        <Select
          options={options}
          selectedOption={options.find((one) => one.value === (value ?? standard)) ?? null}
          placeholder="Choose"
          onChange={({ detail }) => onChange(detail.selectedOption.value)}
        />
      );
    }
    case 'whole':
      return (
        <Input
          type="number"
          value={text}
          placeholder={standard === undefined ? '' : String(standard)}
          onChange={({ detail }) =>
            onChange(detail.value === '' ? undefined : Number(detail.value))
          }
        />
      );
    case 'globs':
      return (
        <Textarea
          rows={2}
          placeholder="One pattern a line, such as **/*.csv"
          value={Array.isArray(value) ? value.join('\n') : ''}
          onChange={({ detail }) =>
            onChange(detail.value === '' ? undefined : detail.value.split('\n'))
          }
        />
      );
    case 'patterns':
      return <Patterns value={(value ?? []) as Redaction[]} onChange={onChange} />;
    case 'text':
    case 'instant':
      return name === 'code' ? (
        <Textarea
          rows={10}
          spellcheck={false}
          placeholder="export const handler = async (event, context) => { … };"
          value={text}
          onChange={({ detail }) => onChange(detail.value || undefined)}
        />
      ) : (
        <Input
          value={text}
          placeholder={String(standard ?? (rule.kind === 'instant' ? '2026-01-31T00:00:00Z' : ''))}
          onChange={({ detail }) => onChange(detail.value || undefined)}
        />
      );
  }
}

const EMPTY: Redaction = { pattern: '', replacement: '' };

function Patterns({
  value,
  onChange,
}: {
  value: Redaction[];
  onChange: (value: Redaction[] | undefined) => void;
}) {
  const set = (at: number, change: Partial<Redaction>) =>
    onChange(value.map((one, i) => (i === at ? { ...one, ...change } : one)));
  return (
    <AttributeEditor
      items={value}
      addButtonText="Add a pattern"
      removeButtonText="Remove"
      empty="No pattern yet"
      definition={[
        {
          label: 'Pattern',
          control: ({ pattern }: Redaction, at: number) => (
            <Input
              value={pattern}
              placeholder="[\w.]+@[\w.]+"
              onChange={({ detail }) => set(at, { pattern: detail.value })}
            />
          ),
        },
        {
          label: 'Replacement',
          control: ({ replacement }: Redaction, at: number) => (
            <Input
              value={replacement}
              placeholder="[mail]"
              onChange={({ detail }) => set(at, { replacement: detail.value })}
            />
          ),
        },
      ]}
      onAddButtonClick={() => onChange([...value, EMPTY])}
      onRemoveButtonClick={({ detail }) => {
        const left = value.filter((_, i) => i !== detail.itemIndex);
        onChange(left.length === 0 ? undefined : left);
      }}
    />
  );
}
