import { type Facts, ROWS } from './next-step-rows.ts';
import type { NextStep } from './next-step-words.ts';
import { OPTION_RULES } from './options.ts';

/** What has to happen now so that the job goes on, and who does it. Undefined for a state that jobs of its option do not have. */
export function nextStepOf(facts: Facts): NextStep | undefined {
  const { deviceShipsFirst } = OPTION_RULES[facts.option];
  const row = ROWS.find(
    (one) =>
      one.in === facts.state &&
      (one.type ?? facts.type) === facts.type &&
      (one.deviceShipsFirst ?? deviceShipsFirst) === deviceShipsFirst &&
      (one.when === undefined || one.when(facts) === true),
  );
  if (!row) return undefined;
  const { what, who, why, action, see, asks } = row;
  return { what, who, why, ...(action && { action }), ...(see && { see }), ...(asks && { asks }) };
}
