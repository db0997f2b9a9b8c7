'use client';

import FormField from '@cloudscape-design/components/form-field';
import Input, { type InputProps } from '@cloudscape-design/components/input';

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: InputProps.Type;
  autoComplete?: string;
  description?: string;
  constraint?: string;
  error?: string | undefined;
  placeholder?: string;
  autoFocus?: boolean;
}

/** A labelled line of text. */
export function TextField(props: TextFieldProps) {
  const { label, value, onChange, type = 'text', autoComplete = 'off' } = props;
  return (
    <FormField
      label={label}
      stretch
      {...(props.description && { description: props.description })}
      {...(props.constraint && { constraintText: props.constraint })}
      {...(props.error && { errorText: props.error })}
    >
      <Input
        value={value}
        type={type}
        autoComplete={autoComplete}
        autoFocus={props.autoFocus ?? false}
        {...(props.placeholder && { placeholder: props.placeholder })}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}
