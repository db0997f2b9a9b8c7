import { describe, expect, test } from 'vitest';
import { STEP_NAMES } from '../../../../lib/domain/processing-steps.ts';
import { NEW_DRAFT, requestOf, withOption } from './draft.ts';
import { addStep, moveUp, planProblem, removeStep, setOption } from './draft-plan.ts';

const edge = { ...withOption(NEW_DRAFT, 'snowball-edge'), name: 'edge' };
const { processing: empty } = edge;

describe('processing steps in a draft', () => {
  test('are put together, ordered and taken away', () => {
    const plan = STEP_NAMES.slice(0, 3).reduce(addStep, empty);
    const names = ({ steps }: typeof plan) => steps.map(({ step }) => step);
    expect(names(moveUp(plan, 2))).toEqual(['filter', 'gunzip', 'gzip']);
    expect(names(removeStep(plan, 1))).toEqual(['filter', 'gunzip']);
    const set = setOption(plan, 1, 'level', 9);
    expect(set.steps[1]).toEqual({ step: 'gzip', level: 9 });
    expect(setOption(set, 1, 'level', undefined).steps[1]).toEqual({ step: 'gzip' });
  });

  test('are checked by the rules before they are sent', () => {
    const draft = { ...edge, processing: addStep(empty, 'convert') };
    expect(planProblem(draft)).toBe('step 1 (convert): from is missing.');
    const right = setOption(setOption(draft.processing, 0, 'from', 'csv'), 0, 'to', 'parquet');
    expect(planProblem({ ...draft, processing: right })).toBeUndefined();
    expect(requestOf({ ...draft, processing: right }).processing).toEqual(right);
  });

  test('are asked for by an import of the option that has them only', () => {
    const processing = addStep(empty, 'zstd');
    expect(requestOf({ ...edge, processing })).toHaveProperty('processing');
    for (const other of [withOption(edge, 'disk'), { ...edge, type: 'export' as const }, edge])
      expect(requestOf(other === edge ? edge : { ...other, processing })).not.toHaveProperty(
        'processing',
      );
  });
});
