import { INCIDENTS } from './incidents.ts';
import { type Facts, ROWS } from './next-step-rows.ts';
import type { NextStep } from './next-step-words.ts';
import { OPTION_RULES } from './options.ts';

/**
 * What has to happen now so that the job goes on, and who does it: an open incident comes before the way that the job
 * goes. Undefined for a state that jobs of its option do not have.
 */
export function nextStepOf(facts: Facts): NextStep | undefined {
  const open = facts.evidence?.incidents ?? [];
  const kind = open.find((one) => INCIDENTS[one].device !== undefined) ?? open[0];
  if (kind === undefined) return plannedStepOf(facts);
  const { label, owner, next } = INCIDENTS[kind];
  return { what: `See to the open incident: ${label}`, who: owner, why: sentenceOf(next) };
}

const sentenceOf = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** The step on the way of the job, whatever incident is open. Undefined for a state that jobs of its option do not have. */
export function plannedStepOf(facts: Facts): NextStep | undefined {
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
