import { describe, expect, test } from 'vitest';
import { evidenceOfImport } from '../testing/evidence.ts';
import { AWS_JOB_STATE } from './aws-states.ts';
import { WaybillError } from './errors.ts';
import { ACTION_NAMES, FINAL_STATES, LIFECYCLE, mainPath, rowsFrom } from './lifecycle.ts';
import { type Asker, credentialsAvailable, decide, offers } from './lifecycle-decision.ts';
import { OPTION_RULES } from './options.ts';
import { permits } from './permissions.ts';
import { type JobFacts, PRECONDITIONS } from './preconditions.ts';
import {
  type ArchiveUnit,
  CHANNELS,
  JOB_STATES,
  JOB_TYPES,
  type JobState,
  OPTIONS,
  ROLES,
} from './words.ts';

const kinds = OPTIONS.flatMap((option) => JOB_TYPES.map((type) => ({ option, type })));
const askers: Asker[] = ROLES.flatMap((role) => CHANNELS.map((channel) => ({ role, channel })));

function facts(changes: Partial<JobFacts>): JobFacts {
  return {
    jobId: 'JID',
    option: 'snowball',
    type: 'import',
    state: 'created',
    copyPhase: 'not-started',
    hasDevice: true,
    devicePrepared: true,
    sealed: true,
    reported: true,
    erased: true,
    attention: true,
    evidence: evidenceOfImport({ type: changes.type ?? 'import', restore: 'done' }),
    ...changes,
  };
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'allowed';
  } catch (error) {
    if (error instanceof WaybillError) return error.code;
    throw error;
  }
}

/** States that a job of a kind can be in. */
function reachable(option: JobFacts['option'], type: JobFacts['type']): Set<JobState> {
  const seen = new Set<JobState>(['created']);
  for (const state of seen) for (const row of rowsFrom({ option, type, state })) seen.add(row.to);
  return seen;
}

describe.each(kinds)('$option $type', ({ option, type }) => {
  test('every state that can be reached leads on to an end, and the ends lead nowhere', () => {
    for (const state of reachable(option, type)) {
      const rows = rowsFrom({ option, type, state });
      expect(rows.length > 0, state).toBe(!FINAL_STATES.includes(state));
    }
    expect(reachable(option, type)).toContain('completed');
    expect(mainPath(option, type).at(-1)).toBe('completed');
  });

  test('an action leads to one place, or is refused with what is allowed', () => {
    for (const state of reachable(option, type)) {
      for (const action of ACTION_NAMES) {
        const rows = rowsFrom({ option, type, state }).filter((row) => row.action === action);
        expect(rows.length).toBeLessThanOrEqual(1);
        for (const asker of askers) {
          const result = codeOf(() => decide(facts({ option, type, state }), action, asker));
          const [row] = rows;
          if (!row) expect(result).toBe('InvalidJobState');
          else if (!permits(asker.role, row.permission)) expect(result).toBe('Forbidden');
          else if (asker.channel === 'browser' && !OPTION_RULES[option].managedInConsole) {
            expect(result).toBe('NotManageableInConsole');
          } else expect(result).toBe('allowed');
        }
      }
    }
  });

  test('somebody may do every action, and a missing condition holds it back', () => {
    for (const state of reachable(option, type)) {
      for (const row of rowsFrom({ option, type, state })) {
        const asker: Asker = { role: 'admin', channel: 'token' };
        expect(permits('admin', row.permission)).toBe(true);
        for (const name of row.requires) {
          const lacking = { ...facts({ option, type, state }), ...LACKING[name] };
          expect(PRECONDITIONS[name].holds(lacking)).toBe(false);
          expect(codeOf(() => decide(lacking, row.action, asker))).toBe('PreconditionFailed');
        }
      }
    }
  });

  test('what cannot be undone is held back by its rule, and the offer says for what', () => {
    const asker: Asker = { role: 'admin', channel: 'token' };
    for (const state of reachable(option, type)) {
      for (const row of rowsFrom({ option, type, state }).filter(({ act }) => act)) {
        const open = facts({ option, type, state });
        open.evidence.incidents = ['seal-differs'];
        expect(codeOf(() => decide(open, row.action, asker))).toBe('PreconditionFailed');
        expect(offers(open, asker).find(({ action }) => action === row.action)).toMatchObject({
          allowed: false,
          reason: expect.stringContaining('Tamper seal number differs'),
        });
      }
    }
  });

  test('offers agree with decisions', () => {
    for (const state of reachable(option, type)) {
      for (const asker of askers) {
        for (const offer of offers(facts({ option, type, state }), asker)) {
          const result = codeOf(() => decide(facts({ option, type, state }), offer.action, asker));
          expect(result === 'allowed').toBe(offer.allowed);
          expect(offer.command).not.toContain(' JOB');
        }
      }
    }
  });
});

const LACKING: Record<keyof typeof PRECONDITIONS, Partial<JobFacts>> = {
  device: { hasDevice: false },
  prepared: { devicePrepared: false },
  sealed: { sealed: false },
  reported: { reported: false },
  erased: { erased: false },
  attention: { attention: false },
  fits: { rangeFits: false },
  'not-set-aside': { evidence: evidenceOfImport({ incidents: ['seal-differs'] }) },
  'seals-compared': {
    evidence: evidenceOfImport({ uncomparedSeals: ['17'], sealsRequired: true }),
  },
};

test('a refusal says what is possible now', () => {
  const admin: Asker = { role: 'admin', channel: 'token' };
  expect(() => decide(facts({ state: 'at-site' }), 'cancel', admin)).toThrow(
    /not possible while the job is at-site/,
  );
  try {
    decide(facts({ state: 'at-site' }), 'cancel', admin);
  } catch (error) {
    expect(error).toMatchObject({ facts: { allowed: 'ship-to-facility, close' } });
  }
});

test('the paths are those of the service', () => {
  expect(mainPath('snowball', 'import').join(' → ')).toBe(
    'created → preparing → ready-to-ship → in-transit-to-site → at-site → in-transit-to-facility → at-sorting → at-facility → importing → completed',
  );
  expect(mainPath('snowball-edge', 'export').join(' → ')).toBe(
    'created → preparing → exporting → ready-to-ship → in-transit-to-site → at-site → in-transit-to-facility → at-sorting → at-facility → erasing → completed',
  );
  expect(mainPath('disk', 'import').join(' → ')).toBe(
    'created → in-transit-to-facility → at-facility → importing → returning → completed',
  );
  expect(mainPath('disk', 'export').join(' → ')).toBe(
    'created → in-transit-to-facility → at-facility → exporting → returning → at-site → completed',
  );
});

test('every state is in some path and has an AWS state', () => {
  const used = new Set(kinds.flatMap(({ option, type }) => [...reachable(option, type)]));
  expect([...used].sort()).toEqual([...JOB_STATES].sort());
  for (const row of LIFECYCLE) expect(AWS_JOB_STATE[row.to]).toMatch(/^[A-Z]/);
});

test('credentials exist only while the device is at the site, of a disk until its job ends, of an archive for good', () => {
  const available = (option: 'snowball' | 'disk', archive: ArchiveUnit = 'object') =>
    JOB_STATES.filter((state) => credentialsAvailable({ option, state, archive }));
  expect(available('snowball')).toEqual(['at-site']);
  expect(available('disk')).not.toContain('completed');
  expect(available('disk')).toContain('created');
  expect(available('disk', 'device')).toEqual([...available('disk'), 'completed']);
});
