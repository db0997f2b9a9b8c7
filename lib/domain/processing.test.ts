import { describe, expect, test } from 'vitest';
import { checkJobRequest, type JobRequest } from './options.ts';
import { checkPlan, describePlan, optionProblem } from './processing.ts';
import { STEP_NAMES, stepRule } from './processing-steps.ts';
import { TB } from './sizes.ts';

const refusal = (plan: unknown): string => {
  try {
    checkPlan(plan);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
};

describe('a plan', () => {
  test('is filled in from the table', () => {
    expect(checkPlan({ steps: [{ step: 'zstd' }] })).toEqual({
      originals: 'leave-out',
      onFailure: 'keep',
      steps: [{ step: 'zstd', level: 3 }],
    });
    expect(checkPlan(checkPlan({ steps: [{ step: 'gunzip' }] })).steps[0]).toMatchObject({
      maxOutputBytes: 107_374_182_400,
    });
  });

  test.each([
    [{}, 'steps is a list of 1 to 16 steps'],
    [{ steps: [{ step: 'zip' }] }, 'step 1: step is one of filter, gzip'],
    [{ steps: [{ step: 'gzip', level: 12 }] }, 'level is a whole number from 1 to 9'],
    [{ steps: [{ step: 'gzip', lvl: 1 }] }, 'has no option lvl; it has level, match, name'],
    [{ steps: [{ step: 'gzip' }], more: 1 }, 'the plan has no option more'],
    [{ steps: [{ step: 'gzip' }, { step: 'filter' }] }, 'step 2: filter comes before'],
    [
      {
        steps: [
          { step: 'gzip' },
          { step: 'redact', patterns: [{ pattern: 'a', replacement: '' }] },
        ],
      },
      'after gzip only a function',
    ],
    [{ steps: [{ step: 'convert', from: 'csv', to: 'csv' }] }, 'from and to are the same'],
    [{ steps: [{ step: 'convert', from: 'csv' }] }, 'to is missing'],
    [
      { steps: [{ step: 'redact', patterns: [{ pattern: 'a' }] }] },
      'needs a pattern and a replacement',
    ],
    [{ steps: [{ step: 'filter', modifiedAfter: 'yesterday' }] }, 'is a time such as'],
    [{ originals: 'replace', steps: [{ step: 'function', code: 'x' }] }, 'a function names what'],
    [
      { originals: 'burn', steps: [{ step: 'gzip' }] },
      'originals is one of keep, replace, leave-out',
    ],
  ])('that is wrong is refused with what is wrong: %j', (plan, message) => {
    expect(refusal(plan)).toContain(message);
  });

  test('is told in a line a step, without its code', () => {
    const plan = checkPlan({ steps: [{ step: 'function', code: 'export const handler = 1' }] });
    expect(describePlan(plan)[0]).toMatch(/^1\. function: 24 characters of code handler="handler"/);
  });
});

test('every standard value is one that its own rule takes', () => {
  for (const name of STEP_NAMES) {
    for (const rule of Object.values(stepRule(name).options)) {
      const standard = 'default' in rule ? rule.default : undefined;
      if (standard !== undefined) expect(optionProblem(rule, standard)).toBeUndefined();
    }
  }
});

test.each(['snowball', 'disk'] as const)('%s refuses steps, snowball-edge takes them', (option) => {
  const request: Omit<JobRequest, 'option'> = {
    type: 'import',
    sizeBytes: option === 'disk' ? TB : 50 * TB,
    storeKind: 'directory',
    encrypted: true,
    processingSteps: 1,
  };
  expect(() => checkJobRequest({ ...request, option })).toThrow(
    /does not process data at the edge/,
  );
  const edge = { ...request, option: 'snowball-edge', sizeBytes: 50 * TB } as const;
  checkJobRequest(edge);
  expect(() => checkJobRequest({ ...edge, type: 'export' })).toThrow(/while an import is loaded/);
});
