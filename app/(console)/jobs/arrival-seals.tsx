'use client';

import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { TextField } from '../../_ui/text-field.tsx';
import { numbersIn } from './shipment-form.tsx';

/** What is typed of the seals of one device: not compared unless somebody looked. */
export interface TypedSeals {
  compared: boolean;
  /** Separated by commas or spaces; empty: the case carries none. */
  text: string;
}
export const NO_SEALS: TypedSeals = { compared: false, text: '' };

/** As the API takes it: missing where nobody looked. */
export const sealsOf = ({ compared, text }: TypedSeals): string[] | undefined =>
  compared ? numbersIn(text) : undefined;

interface ArrivalSealsProps {
  jobs: readonly { id: string; name: string }[];
  typed: Readonly<Record<string, TypedSeals>>;
  onChange: (jobId: string, typed: TypedSeals) => void;
}

/** Asks for the tamper seals on each device that arrived; the console compares them with those at departure. */
export function ArrivalSeals({ jobs, typed, onChange }: ArrivalSealsProps) {
  return (
    <SpaceBetween size="s">
      <Alert type="info">
        Type the numbers as they are on the case. They are compared with those at departure; a
        difference opens the incident “Tamper seal number differs”.
      </Alert>
      {jobs.map(({ id, name }) => {
        const seals = typed[id] ?? NO_SEALS;
        const whose = jobs.length === 1 ? '' : ` of ${name}`;
        return (
          <SpaceBetween key={id} size="xxs">
            <TextField
              label={`Tamper seals${whose} on arrival`}
              constraint="Separated by commas; left empty they are not compared"
              value={seals.text}
              onChange={(text) => onChange(id, { text, compared: numbersIn(text).length > 0 })}
            />
            {numbersIn(seals.text).length === 0 && (
              <Checkbox
                checked={seals.compared}
                onChange={({ detail }) => onChange(id, { text: '', compared: detail.checked })}
              >
                The case{whose} carries no tamper seal
              </Checkbox>
            )}
          </SpaceBetween>
        );
      })}
    </SpaceBetween>
  );
}
