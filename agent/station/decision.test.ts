import { describe, expect, test } from 'vitest';
import { INCIDENT_KINDS } from '../../lib/domain/incidents.ts';
import { type Action, rowsFrom } from '../../lib/domain/lifecycle.ts';
import { JOB_STATES, JOB_TYPES, OPTIONS } from '../../lib/domain/words.ts';
import { evidenceOfExport, evidenceOfImport } from '../../lib/testing/evidence.ts';
import { type DeviceSight, decideWork, type JobSight, type WatchWork } from './decision.ts';

const DEVICES: DeviceSight[] = ['blank', 'labelled', 'foreign', 'invalid'];

/** A job with evidence that everything went well, unless a test says otherwise. */
function job(changes: Partial<JobSight>): JobSight {
  const { type = 'import', state = 'created', incidents = [] } = changes;
  const owner = changes.option === 'disk' ? 'customer' : 'provider';
  const restore = 'done';
  return {
    jobId: 'JOB',
    option: 'snowball',
    type,
    state,
    devicePrepared: false,
    sealed: false,
    reported: false,
    erased: false,
    cleared: false,
    incidents,
    retryRequested: null,
    evidence: evidenceOfImport({ type, state, owner, restore, incidents: [...incidents] }),
    ...changes,
  };
}

const all = OPTIONS.flatMap((option) =>
  JOB_TYPES.flatMap((type) =>
    JOB_STATES.flatMap((state) => DEVICES.map((device) => ({ option, type, state, device }))),
  ),
);

/** The actions that a work may begin with, and the states in which it is under way. */
const BEGINS: Record<WatchWork, { actions: Action[]; under: string[] }> = {
  prepare: { actions: ['prepare'], under: ['preparing'] },
  receive: { actions: ['arrive-at-sorting', 'receive'], under: [] },
  export: { actions: ['start-export'], under: ['exporting'] },
  import: { actions: ['start-import'], under: ['importing'] },
  erase: { actions: ['start-erase'], under: ['erasing', 'completed'] },
};

describe('what a station does', () => {
  test('is always something the lifecycle allows', () => {
    for (const { device, ...facts } of all) {
      const { work } = decideWork(job(facts), device);
      if (work === 'wait') continue;
      const possible = rowsFrom(facts).map((row) => row.action);
      const allowed =
        BEGINS[work].under.includes(facts.state) ||
        BEGINS[work].actions.some((action) => possible.includes(action));
      expect({ ...facts, device, work, allowed }).toMatchObject({ allowed: true });
    }
  });

  test('never touches foreign content or a label that is not valid, and says why it waits', () => {
    for (const { device, ...facts } of all) {
      const decision = decideWork(job(facts), device);
      if (device === 'foreign' || device === 'invalid') expect(decision.work).toBe('wait');
      if (decision.work === 'wait') expect(decision.why).not.toBe('');
    }
  });

  test('erases only what the facility owns, and only when the job needs it no longer', () => {
    const erased = all.filter(({ device, ...f }) => decideWork(job(f), device).work === 'erase');
    expect(erased.length).toBeGreaterThan(0);
    for (const { option, type, state } of erased) {
      expect(option).not.toBe('disk');
      expect(type === 'import' ? ['completed'] : ['at-facility', 'erasing']).toContain(state);
    }
  });

  // In the order of JOB_STATES.
  test.each([
    ['snowball', 'import', 'prepare prepare receive receive import import erase'],
    ['snowball', 'export', 'prepare export export receive receive erase erase'],
    ['disk', 'import', 'receive import import'],
    ['disk', 'export', 'export receive export'],
  ] as const)('%s %s is carried from its start to its end', (option, type, expected) => {
    const states = JOB_STATES.filter(
      (state) =>
        rowsFrom({ option, type, state }).length > 0 ||
        state === 'completed' ||
        state === 'created',
    );
    const works = states.map((state) => {
      const facts = job({ option, type, state, devicePrepared: state !== 'created' });
      return decideWork(facts, state === 'created' ? 'blank' : 'labelled').work;
    });
    expect(works.filter((work) => work !== 'wait').join(' ')).toBe(expected);
  });

  test('leaves alone what an incident keeps aside, and goes on after one that does not', () => {
    const facts = job({ state: 'at-facility', incidents: ['damaged'] });
    expect(decideWork(facts, 'labelled').work).toBe('wait');
    expect(decideWork({ ...facts, incidents: ['import-failed'] }, 'labelled').work).toBe('import');
  });

  test('hands in the report of an export that it was killed after sealing', () => {
    const sealed = job({ option: 'disk', type: 'export', state: 'exporting', sealed: true });
    expect(decideWork(sealed, 'labelled').work).toBe('export');
    expect(decideWork({ ...sealed, reported: true }, 'labelled').work).toBe('wait');
  });

  test('waits for a person once its part is done', () => {
    const back = job({ option: 'disk', state: 'importing', reported: true });
    expect(decideWork(back, 'labelled')).toMatchObject({
      work: 'wait',
      why: expect.stringContaining('waybill job act JOB return'),
    });
    for (const device of ['labelled', 'blank'] as const)
      expect(decideWork(job({ state: 'completed', erased: true }), device).work).toBe('wait');
  });

  test('tells the console of an erasure that it was killed after, and of no other empty device', () => {
    expect(decideWork(job({ state: 'completed', cleared: true }), 'blank').work).toBe('erase');
    for (const state of ['at-facility', 'erasing'] as const) {
      const back = job({ state, type: 'export' });
      expect(decideWork(back, 'blank').work).toBe('wait');
      expect(decideWork({ ...back, cleared: true }, 'blank').work).toBe('erase');
    }
    expect(decideWork(job({ state: 'completed' }), 'blank').work).toBe('wait');
  });

  test('keeps a device while anything is missing, and says what', () => {
    const failed = { failed: 41, failureList: 'f'.repeat(64) };
    const lost = job({ state: 'completed', evidence: evidenceOfImport(failed) });
    expect(decideWork(lost, 'labelled')).toMatchObject({
      work: 'wait',
      why: expect.stringContaining('41 of 41 objects are not in the store'),
    });
    const unknown = evidenceOfExport({ restore: null });
    const back = job({ state: 'at-facility', type: 'export', evidence: unknown });
    expect(decideWork(back, 'labelled')).toMatchObject({
      work: 'wait',
      why: expect.stringContaining('did not report that it restored'),
    });
  });

  test('tries failed objects again only when it is asked to', () => {
    const evidence = evidenceOfImport({ state: 'importing', failed: 2, failureList: 'f' });
    for (const option of ['snowball', 'disk'] as const) {
      const waiting = job({ option, state: 'importing', reported: true, evidence });
      expect(decideWork(waiting, 'labelled')).toMatchObject({
        work: 'wait',
        why: expect.stringContaining('waybill job retry-failed'),
      });
      const asked = { ...waiting, retryRequested: '2026-01-02T03:04:05.000Z' };
      expect(decideWork(asked, 'labelled').work).toBe('import');
    }
  });

  test('does not import again what waits for a person', () => {
    const lost = { failed: 2, failureList: 'f', acceptedList: 'f' };
    for (const [why, evidence] of [
      ['an incident is open', evidenceOfImport({ state: 'importing', incidents: ['other'] })],
      ['waybill job act JOB complete', evidenceOfImport({ ...lost, state: 'importing' })],
    ] as const) {
      const incidents = evidence.incidents;
      const waiting = job({ state: 'importing', reported: true, incidents, evidence });
      expect(decideWork(waiting, 'labelled')).toMatchObject({
        work: 'wait',
        why: expect.stringContaining(why),
      });
    }
    // Killed between its report and its end.
    const whole = evidenceOfImport({ state: 'importing' });
    const done = job({ state: 'importing', reported: true, evidence: whole });
    expect(decideWork(done, 'labelled').work).toBe('import');
  });

  test('erases nothing while any incident is open', () => {
    for (const kind of INCIDENT_KINDS) {
      const facts = job({ state: 'completed', incidents: [kind] });
      expect(decideWork(facts, 'labelled').work).toBe('wait');
    }
  });
});
