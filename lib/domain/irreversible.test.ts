import { describe, expect, test } from 'vitest';
import { evidenceOfExport, evidenceOfImport, SEAL } from '../testing/evidence.ts';
import {
  CONDITIONS,
  type ConditionName,
  type Evidence,
  IRREVERSIBLE,
  IRREVERSIBLE_ACTS,
  isVerifiedErasure,
  missingAtHand,
  missingFor,
  remarksAtHand,
  remarksFor,
  requireEvidence,
} from './irreversible.ts';
import { JOB_STATES } from './words.ts';

const LIST = 'f'.repeat(64);
const OTHER = 'b'.repeat(64);
const SEEN = { sealDigest: SEAL };

test('objects that are missing are not talked away: what is named is possible', () => {
  const evidence: Evidence = {
    ...evidenceOfImport(),
    state: 'importing',
    failed: 41,
    failureList: LIST,
    acceptedList: null,
  };
  const fixes = (incidents: Evidence['incidents']) =>
    missingFor('complete', { ...evidence, incidents }).map(({ fix }) => fix);
  expect(fixes(['objects-failed']).join()).not.toMatch(/job resolve/);
  expect(fixes(['objects-failed']).join()).toMatch(/job retry-failed/);
  expect(fixes(['other']).join()).toMatch(/job resolve/);
});

const namesOf = (...args: Parameters<typeof missingFor>): ConditionName[] =>
  missingFor(...args).map(({ condition }) => condition);

/** What each column of the enumeration can be. The first value is the good one. */
const COLUMNS = {
  owner: [{ owner: 'provider' }, { owner: 'customer' }],
  incidents: [{ incidents: [] }, { incidents: ['seal-differs'] }, { incidents: ['other'] }],
  seal: [{ sealDigest: SEAL }, { sealDigest: null }],
  report: [
    { reported: true, reportedDigest: SEAL },
    { reported: true, reportedDigest: OTHER },
    { reported: false, reportedDigest: null },
  ],
  losses: [
    { failed: 0 },
    { failed: 41, failureList: LIST },
    { failed: 1, failureList: LIST, acceptedList: OTHER, graceOver: true, graceEnds: 'then' },
    { failed: 1, failureList: LIST, acceptedList: LIST, graceOver: false, graceEnds: 'then' },
    { failed: 1, failureList: LIST, acceptedList: LIST, graceOver: true, graceEnds: 'then' },
  ],
  restore: [
    { restore: 'done' },
    { restore: null },
    { restore: 'failed' },
    { restore: null, restoreConfirmed: true },
  ],
  force: [{ eraseUnverified: false }, { eraseUnverified: true }],
  begun: [{ begun: true }, { begun: false }],
  erasing: [{ erasingDigest: null }, { erasingDigest: SEAL }, { erasingDigest: OTHER }],
} as const satisfies Record<string, readonly Partial<Record<keyof Evidence, unknown>>[]>;

/** Every combination of the columns, in every state, of an import and of an export. */
function* everyEvidence(): Generator<Evidence> {
  const columns: readonly (readonly object[])[] = Object.values(COLUMNS);
  const sizes = columns.map((values) => values.length);
  const all = sizes.reduce((product, size) => product * size, 1);
  for (const state of JOB_STATES) {
    for (const base of [evidenceOfImport({ state }), evidenceOfExport({ state })]) {
      for (let n = 0; n < all; n += 1) {
        let rest = n;
        const evidence = { ...base };
        for (const values of columns) {
          Object.assign(evidence, values[rest % values.length]);
          rest = Math.floor(rest / values.length);
        }
        yield evidence;
      }
    }
  }
}

/** The rule as the operator's handbook tells it, written once more and otherwise than the table. */
function mayErase(e: Evidence, verified: string | null): boolean {
  if (e.owner === 'customer' || e.incidents.length > 0) return false;
  const isOver = e.state === 'completed' || e.state === 'cancelled';
  const isBack = e.type === 'export' && (e.state === 'at-facility' || e.state === 'erasing');
  if (!isOver && !isBack) return false;
  const isInGrace = e.failed > 0 && e.acceptedList === e.failureList && !e.graceOver;
  if (e.type === 'import' && e.acceptedList !== null && isInGrace) return false;
  if (e.eraseUnverified) return true;
  if (e.retryRequested) return false;
  const isUntouched = e.state === 'cancelled' && !e.begun && e.sealDigest === null;
  const proved = e.sealDigest !== null && (verified ?? e.erasingDigest) === e.sealDigest;
  if (!proved && !isUntouched) return false;
  if (e.type === 'export') return isUntouched || e.restore === 'done' || e.restoreConfirmed;
  if (e.reportedDigest !== e.sealDigest) return false;
  if (!e.reported && !isUntouched) return false;
  return e.failed === 0 || (e.acceptedList === e.failureList && e.graceOver);
}

describe('a device', () => {
  test('is erased only when all of it is proved, in every combination of facts', () => {
    let allowed = 0;
    for (const evidence of everyEvidence()) {
      for (const sealDigest of [SEAL, OTHER, null]) {
        const may = missingFor('erase', evidence, { sealDigest }).length === 0;
        if (may !== mayErase(evidence, sealDigest))
          expect({ evidence, sealDigest, may }).toEqual({ evidence, sealDigest, may: !may });
        if (may) allowed += 1;
        const isVerified = isVerifiedErasure(evidence, { sealDigest });
        const isProved = (sealDigest ?? evidence.erasingDigest) === evidence.sealDigest;
        const isNothing = evidence.state === 'cancelled' && !evidence.begun;
        if (isVerified && !isProved && !isNothing) expect({ evidence, isVerified }).toBeUndefined();
      }
    }
    expect(allowed).toBeGreaterThan(0);
  });

  test('of which nothing landed is kept, and the words say how much is missing', () => {
    const evidence = evidenceOfImport({ failed: 41, failureList: LIST });
    expect(missingFor('erase', evidence, SEEN)).toMatchObject([
      { condition: 'landed', missing: '41 of 41 objects are not in the store' },
    ]);
  });

  test('with accepted losses waits for the grace time, and for the same list', () => {
    const accepted = { failed: 2, failureList: LIST, acceptedList: LIST };
    const waiting = evidenceOfImport({ ...accepted, graceEnds: '2026-12-29T00:00:00.000Z' });
    expect(namesOf('erase', waiting, SEEN)).toEqual(['grace']);
    expect(namesOf('erase', { ...waiting, graceOver: true }, SEEN)).toEqual([]);
    const another = { ...waiting, graceOver: true, failureList: OTHER };
    expect(namesOf('erase', another, SEEN)).toEqual(['landed']);
  });

  test('that an administrator lets go is erased as not verified', () => {
    const destroyed = evidenceOfImport({ sealDigest: null, reported: false, failed: 41 });
    const allowed = { ...destroyed, eraseUnverified: true };
    expect(namesOf('erase', destroyed)).toContain('seal-known');
    expect(namesOf('erase', allowed)).toEqual([]);
    expect(isVerifiedErasure(allowed)).toBe(false);
    // The permission is not for what is whole: a seal that verifies after all is told so.
    expect(isVerifiedErasure(evidenceOfImport({ eraseUnverified: true }), SEEN)).toBe(true);
  });

  test('in its grace time is erased by nobody’s permission', () => {
    const accepted = { failed: 2, failureList: LIST, acceptedList: LIST, eraseUnverified: true };
    const waiting = evidenceOfImport({ ...accepted, graceEnds: '2026-12-29T00:00:00.000Z' });
    expect(namesOf('erase', waiting, SEEN)).toEqual(['grace']);
    expect(namesOf('erase', { ...waiting, graceOver: true }, SEEN)).toEqual([]);
  });

  test('whose failed objects are to be tried again is kept', () => {
    const retried = evidenceOfImport({ retryRequested: true });
    expect(namesOf('erase', retried, SEEN)).toEqual(['no-retry']);
  });

  test('of a customer is never erased, whoever allows it', () => {
    const disk = evidenceOfImport({ owner: 'customer', eraseUnverified: true });
    expect(namesOf('erase', disk, SEEN)).toEqual(['own-device']);
  });

  test('whose erasing was cut off goes on without its seal', () => {
    expect(namesOf('erase', evidenceOfImport())).toEqual(['seal-verified']);
    expect(namesOf('erase', evidenceOfImport({ erasingDigest: SEAL }))).toEqual([]);
  });
});

test('what people have to see to is told once, and not before the device is back', () => {
  const atHand = (evidence: Evidence) => missingAtHand(evidence).map(({ condition }) => condition);
  const lost = { failed: 2, failureList: LIST, incidents: ['objects-failed' as const] };
  const importing = evidenceOfImport({ ...lost, state: 'importing' });
  expect(atHand(importing)).toEqual(['landed']);
  expect(atHand({ ...importing, incidents: ['objects-failed', 'damaged'] })).toEqual([
    'no-incident',
    'landed',
  ]);
  expect(atHand({ ...importing, reported: false })).toEqual([]);
  expect(atHand(evidenceOfImport({ state: 'at-site', reported: false, failed: 41 }))).toEqual([]);
  expect(atHand(evidenceOfExport({ restore: null }))).toEqual(['restored']);
  expect(atHand(evidenceOfImport({ ...lost, erased: true }))).toEqual([]);
});

describe('a job', () => {
  test('is completed only when all of it landed or its loss is accepted, and no incident is open', () => {
    const importing = evidenceOfImport({ state: 'importing' });
    expect(namesOf('complete', importing)).toEqual([]);
    expect(namesOf('complete', { ...importing, failed: 1 })).toEqual(['landed']);
    expect(namesOf('complete', { ...importing, incidents: ['other'] })).toEqual(['no-incident']);
    expect(namesOf('complete', { ...importing, reportedDigest: OTHER })).toEqual(['seal-reported']);
    const accepted = { ...importing, failed: 1, failureList: LIST, acceptedList: LIST };
    expect(namesOf('complete', accepted)).toEqual([]);
  });

  test('keeps its key until its device is gone, and for good where an archive needs it', () => {
    expect(namesOf('destroy-key', evidenceOfImport())).toEqual(['device-gone']);
    expect(namesOf('destroy-key', evidenceOfImport({ erased: true }))).toEqual([]);
    // What was closed and erased by permission lands nowhere any more.
    const closed = evidenceOfImport({ erased: true, failed: 41, failureList: LIST });
    expect(namesOf('destroy-key', closed)).toEqual(['landed']);
    expect(namesOf('destroy-key', { ...closed, eraseUnverified: true })).toEqual([]);
    expect(namesOf('destroy-key', { ...closed, erased: false, eraseUnverified: true })).toEqual([
      'device-gone',
      'landed',
    ]);
    const archive = evidenceOfImport({ erased: true, wholeArchive: true });
    expect(namesOf('destroy-key', archive)).toEqual(['key-unneeded']);
  });

  test('gives no credentials out while its device is set aside', () => {
    const differs = evidenceOfExport({ state: 'at-site', incidents: ['seal-differs'] });
    expect(namesOf('release-credentials', differs)).toEqual(['not-set-aside']);
    const stopped = evidenceOfExport({ state: 'at-site', incidents: ['copy-failed'] });
    expect(namesOf('release-credentials', stopped)).toEqual([]);
  });
});

test('every condition is asked for by an act, and says what to do', () => {
  const asked = new Set(IRREVERSIBLE_ACTS.flatMap((act) => [...IRREVERSIBLE[act].requires]));
  expect([...asked].sort()).toEqual(Object.keys(CONDITIONS).sort());
  for (const { fix } of Object.values(CONDITIONS)) expect(fix).not.toBe('');
});

test('a refusal is one of the rules, with the first thing that is missing', () => {
  const differs = evidenceOfExport({ incidents: ['seal-differs'] });
  expect(() => requireEvidence('begin-erasing', differs)).toThrow(
    'begin-erasing has to wait: an incident is open: Tamper seal number differs',
  );
});

test('tamper seals that nobody compared are told before a device is erased, and hold nothing up', () => {
  const open = evidenceOfImport({ uncomparedSeals: ['17', '18'] });
  expect(missingFor('erase', open, SEEN)).toEqual([]);
  for (const act of IRREVERSIBLE_ACTS) {
    const remarks = remarksFor(act, open);
    const isTold = !['destroy-key', 'release-credentials'].includes(act);
    expect(remarks.map(({ remark }) => remark)).toEqual(isTold ? ['seals-compared'] : []);
    expect(remarksFor(act, { ...open, uncomparedSeals: [] })).toEqual([]);
  }
  expect(remarksAtHand(open)[0]?.missing).toContain('17, 18');
  expect(remarksAtHand({ ...open, state: 'at-site' })).toEqual([]);
  expect(remarksAtHand({ ...open, erased: true })).toEqual([]);
});
