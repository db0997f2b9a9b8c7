import { describe, expect, test } from 'vitest';
import { evidenceOfImport } from '../testing/evidence.ts';
import { INCIDENT_KINDS, INCIDENTS } from './incidents.ts';
import { mainPath, rowsFrom } from './lifecycle.ts';
import { offers } from './lifecycle-decision.ts';
import { nextStepOf, plannedStepOf } from './next-step.ts';
import type { JobFacts } from './preconditions.ts';
import { COPY_PHASES, JOB_TYPES, OPTIONS } from './words.ts';

const FLAGS = ['devicePrepared', 'sealed', 'reported', 'erased'] as const;

/** Every combination of facts that a job can show. */
function* everyFacts(): Generator<JobFacts> {
  for (const option of OPTIONS)
    for (const type of JOB_TYPES)
      for (const state of [...mainPath(option, type), 'cancelled' as const])
        for (const copyPhase of COPY_PHASES)
          for (let bits = 0; bits < 2 ** FLAGS.length; bits += 1) {
            const has = (i: number) => (bits & (1 << i)) !== 0;
            const flags = { devicePrepared: has(0), sealed: has(1), reported: has(2) };
            const own = { option, type, state, copyPhase, erased: has(3), ...flags };
            for (const uncomparedSeals of [[], ['17']]) {
              const evidence = evidenceOfImport({ type, state, restore: 'done', uncomparedSeals });
              yield { jobId: 'JID', hasDevice: true, attention: false, evidence, ...own };
            }
          }
}

describe('the next step', () => {
  test('is known for every job in every state, and its action leaves that state', () => {
    for (const facts of everyFacts()) {
      const step = nextStepOf(facts);
      expect(step, JSON.stringify(facts)).toBeDefined();
      if (!step?.action) continue;
      expect(rowsFrom(facts).map(({ action }) => action)).toContain(step.action);
    }
  });

  test('names the one action that is possible, whenever one leads on', () => {
    for (const facts of everyFacts()) {
      const possible = offers(facts, { role: 'admin', channel: 'token' })
        .filter(({ allowed, action }) => allowed && action !== 'cancel' && action !== 'close')
        .map(({ action }) => action);
      if (possible.length > 0)
        expect(possible, JSON.stringify(facts)).toEqual([nextStepOf(facts)?.action]);
    }
  });

  test('is the advice of the open incident, and its owner’s; one that keeps the device aside comes first', () => {
    for (const facts of everyFacts())
      for (const kind of INCIDENT_KINDS) {
        const { label, owner, next, device } = INCIDENTS[kind];
        const incidents = device ? (['store-refuses', kind] as const) : ([kind] as const);
        const evidence = { ...facts.evidence, incidents: [...incidents] };
        const step = nextStepOf({ ...facts, evidence });
        expect(step).toMatchObject({ who: owner, what: expect.stringContaining(label) });
        expect(step?.why.toLowerCase()).toContain(next.toLowerCase());
        expect(step?.action).toBeUndefined();
        expect(plannedStepOf({ ...facts, evidence })).toEqual(plannedStepOf(facts));
      }
  });

  test('asks for tamper seals before data is written, where numbers were noted and nobody compared them', () => {
    for (const facts of everyFacts()) {
      const { uncomparedSeals } = facts.evidence;
      const { copyPhase, sealed } = facts;
      const isImported = facts.state === 'at-facility' && facts.type === 'import';
      const isFresh = facts.type === 'export' || (copyPhase === 'not-started' && !sealed);
      const isArrived = isImported || (facts.state === 'at-site' && isFresh);
      const isAsked = nextStepOf(facts)?.asks === 'compare-seals';
      expect(isAsked, JSON.stringify(facts)).toBe(isArrived && uncomparedSeals.length > 0);
    }
  });

  test('waits for tamper seals that are required, and a list that does not know them says what it knows', () => {
    const evidence = evidenceOfImport({ uncomparedSeals: ['17'], sealsRequired: true });
    const facts: JobFacts = {
      jobId: 'JID',
      option: 'snowball',
      type: 'import',
      state: 'at-facility',
      copyPhase: 'sealed',
      hasDevice: true,
      devicePrepared: true,
      sealed: true,
      reported: false,
      erased: false,
      attention: false,
      evidence,
    };
    expect(nextStepOf(facts)?.why).toContain('the station waits');
    expect(offers(facts, { role: 'admin', channel: 'token' })[0]).toMatchObject({
      action: 'start-import',
      allowed: false,
    });
    expect(nextStepOf({ ...facts, evidence: undefined })?.what).toBe(
      'Import the volume into the store',
    );
  });
});
