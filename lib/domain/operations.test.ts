import { describe, expect, test } from 'vitest';
import { evidenceOfImport } from '../testing/evidence.ts';
import { OPERATIONS, operationRule, operationStatuses, operationsAfter } from './operations.ts';
import type { JobFacts } from './preconditions.ts';

const facts = (changes: Partial<JobFacts>): JobFacts => ({
  jobId: 'J',
  option: 'snowball',
  type: 'import',
  state: 'at-site',
  copyPhase: 'not-started',
  hasDevice: true,
  devicePrepared: true,
  sealed: false,
  reported: false,
  erased: false,
  attention: false,
  evidence: evidenceOfImport(),
  ...changes,
});
const shown = (changes: Partial<JobFacts>, news: Parameters<typeof operationStatuses>[1] = []) =>
  operationStatuses(facts(changes), news).map(
    ({ operation, state, waits }) => `${operation} ${state}${waits ? `: ${waits}` : ''}`,
  );

describe('the operations of a job', () => {
  test('say what each waits for', () => {
    expect(shown({ state: 'ready-to-ship' })[0]).toBe('scan planned: the job to be at site');
    expect(shown({})).toEqual([
      'scan planned: its start',
      'load planned: first: Look at the source',
      'verify planned: first: Load the volume',
      'seal planned: first: Read the volume back',
      'import planned: the job to be at facility or importing',
      'erase planned: the job to be completed',
    ]);
  });

  test('show what their host told, while that is their job', () => {
    const waiting = {
      operation: 'load',
      state: 'waiting',
      attempt: 2,
      waitingFor: 'device',
    } as const;
    const done = { operation: 'scan', state: 'done', attempt: 1 } as const;
    expect(shown({}, [waiting, done]).slice(0, 2)).toEqual([
      'scan done',
      'load waiting: until the device is connected to the host',
    ]);
    expect(shown({ state: 'at-facility', sealed: true }, [waiting]).slice(1, 5)).toEqual([
      ...['load done', 'verify done', 'seal done', 'import planned: its start'],
    ]);
  });

  test('of an export go on at the site, of which nothing need be heard', () => {
    const sealed = { type: 'export', sealed: true } as const;
    const restored = (
      changes: Partial<JobFacts>,
      news: Parameters<typeof operationStatuses>[1] = [],
    ) => shown({ ...sealed, ...changes }, news).slice(4);
    const done = { operation: 'restore', state: 'done', attempt: 1 } as const;
    expect(restored({ state: 'ready-to-ship' })[0]).toBe('restore planned: the job to be at site');
    expect(restored({})[0]).toBe('restore planned: its start');
    expect(restored({ state: 'at-facility' })).toEqual(['erase planned: its start']);
    expect(restored({ state: 'at-facility' }, [done])).toEqual([
      ...['restore done', 'erase planned: its start'],
    ]);
  });

  test('that begins once more makes what was heard of later ones old', () => {
    expect(operationsAfter('load')).toEqual(['verify', 'seal', 'import', 'erase']);
    expect(operationsAfter('erase')).toEqual([]);
  });

  test('of a customer’s disk do not end with its erasure; of an export begin at the facility', () => {
    expect(shown({ option: 'disk', state: 'created' }).at(-1)).toMatch(/^import/);
    expect(shown({ type: 'export', state: 'preparing' })[1]).toBe(
      'export planned: the job to be exporting',
    );
  });
});

test('every operation is tried again after a while and given up some day', () => {
  for (const operation of OPERATIONS) {
    const { attemptTimeoutMs, maximumRetries, retryDelayMs, preconditions } =
      operationRule(operation);
    expect(preconditions[0]).toBe('device');
    expect(Math.min(attemptTimeoutMs, maximumRetries, retryDelayMs)).toBeGreaterThan(0);
  }
});
