'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { ON_FAILURE, ORIGINALS } from '../../../../lib/domain/processing.ts';
import {
  COMMON_OPTIONS,
  STEP_NAMES,
  type StepName,
  stepRule,
} from '../../../../lib/domain/processing-steps.ts';
import { OptionField } from '../../../_parts/step-option-field.tsx';
import type { Draft } from './draft.ts';
import {
  addStep,
  type DraftPlan,
  moveUp,
  planProblem,
  putStep,
  removeStep,
  setOption,
} from './draft-plan.ts';
import { KeptFunctionField } from './kept-function-field.tsx';
import { TrySample } from './try-sample.tsx';

interface ProcessingStepProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** Steps that the agent runs on the data at the site: chosen, ordered, tried on a file. */
export function ProcessingStep({ draft, onChange }: ProcessingStepProps) {
  const plan = draft.processing;
  const set = (processing: DraftPlan) => onChange({ ...draft, processing });
  const problem = planProblem(draft);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="The agent runs these steps in their order while it copies, before anything is sealed. The owner of the host has to allow them there; a manifest alone runs nothing."
            actions={
              <ButtonDropdown
                items={STEP_NAMES.map((id) => {
                  const { label, summary } = stepRule(id);
                  return { id, text: label, description: summary };
                })}
                onItemClick={({ detail }) => set(addStep(plan, detail.id as StepName))}
              >
                Add a step
              </ButtonDropdown>
            }
          >
            Processing at the edge
          </Header>
        }
      >
        {plan.steps.length === 0 ? (
          <Box color="text-body-secondary">
            No step yet: everything is copied as it is. Add one to leave objects out, compress,
            convert, redact, make thumbnails or run a function.
          </Box>
        ) : (
          <ColumnLayout columns={2}>
            <Choice
              label="Originals of what is processed"
              words={ORIGINALS}
              value={plan.originals}
              onChange={(originals) => set({ ...plan, originals })}
            />
            <Choice
              label="When a step fails, copy"
              words={ON_FAILURE}
              value={plan.onFailure}
              onChange={(onFailure) => set({ ...plan, onFailure })}
            />
          </ColumnLayout>
        )}
      </Container>
      {plan.steps.map((_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place only
        <StepCard key={at} plan={plan} at={at} onChange={set} />
      ))}
      {problem && <Alert type="warning">{problem}</Alert>}
      {plan.steps.length > 0 && !problem && <TrySample plan={plan} />}
    </SpaceBetween>
  );
}

function Choice<T extends string>(props: {
  label: string;
  words: Record<T, string>;
  value: T;
  onChange: (value: T) => void;
}) {
  const words = Object.entries(props.words) as [T, string][];
  const options = words.map(([value, label]) => ({ value, label }));
  return (
    <FormField label={props.label}>
      <Select
        options={options}
        selectedOption={options.find(({ value }) => value === props.value) ?? null}
        onChange={({ detail }) => props.onChange(detail.selectedOption.value as T)}
      />
    </FormField>
  );
}

interface StepCardProps {
  plan: DraftPlan;
  at: number;
  onChange: (plan: DraftPlan) => void;
}

function StepCard({ plan, at, onChange }: StepCardProps) {
  const step = plan.steps[at];
  if (!step) return null;
  const { label, summary, options, makes, runsCode } = stepRule(step.step);
  const title = `${at + 1}. ${label}`;
  const field = ([name, rule]: [string, (typeof options)[string]]) => (
    <OptionField
      key={name}
      name={name}
      rule={rule}
      value={step[name]}
      onChange={(value) => onChange(setOption(plan, at, name, value))}
    />
  );
  return (
    <Container
      header={
        <Header
          variant="h3"
          description={summary}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                iconName="angle-up"
                ariaLabel={`Move ${title} up`}
                disabled={at === 0}
                onClick={() => onChange(moveUp(plan, at))}
              />
              <Button ariaLabel={`Remove ${title}`} onClick={() => onChange(removeStep(plan, at))}>
                Remove
              </Button>
            </SpaceBetween>
          }
        >
          {title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {runsCode && <KeptFunctionField onTake={(one) => onChange(putStep(plan, at, one))} />}
        {Object.entries(options).map(field)}
        {makes !== 'none' && (
          <ExpandableSection headerText="Which objects, and names of what is made">
            <SpaceBetween size="m">{Object.entries(COMMON_OPTIONS).map(field)}</SpaceBetween>
          </ExpandableSection>
        )}
      </SpaceBetween>
    </Container>
  );
}
