import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CustodyEntry, canonicalJson, custodyHash, GENESIS_HASH } from './custody.ts';
import { describeError, ERRORS, type ErrorCode, EXIT } from './errors.ts';
import { checkLimit } from './limits.ts';
import { KEY_RULES, keyProblem, pathProblem } from './object-keys.ts';
import { checkJobRequest, type JobRequest, planJobs, volumeKindOf } from './options.ts';
import { csvLine, outcomeOf, parsePrintableKey, printableKey } from './report.ts';
import { formatBytes, formatDuration, parseBytes, TB } from './sizes.ts';

const request = (changes: Partial<JobRequest>): JobRequest => ({
  option: 'snowball',
  type: 'import',
  sizeBytes: 50 * TB,
  storeKind: 's3',
  encrypted: true,
  processingSteps: 0,
  ...changes,
});

describe('the rules of the options', () => {
  const rows: [Partial<JobRequest>, ErrorCode | undefined][] = [
    [{}, undefined],
    [{ sizeBytes: 80 * TB }, undefined],
    [{ sizeBytes: 60 * TB }, 'OptionRule'],
    [{ sizeBytes: 81 * TB }, 'SizeOverLimit'],
    [{ sizeBytes: 0 }, 'OptionRule'],
    [{ storeKind: 'directory' }, undefined],
    [{ storeKind: 'glacier' }, 'OptionRule'],
    [{ storeKind: 'ebs' }, 'OptionRule'],
    [{ encrypted: false }, 'EncryptionEnforced'],
    [{ processingSteps: 1 }, 'ProcessingNotOffered'],
    [{ option: 'snowball-edge', processingSteps: 1 }, undefined],
    [{ option: 'snowball-edge', encrypted: false }, 'EncryptionEnforced'],
    [{ option: 'disk', sizeBytes: 16 * TB }, undefined],
    [{ option: 'disk', sizeBytes: 1 }, undefined],
    [{ option: 'disk', sizeBytes: 16 * TB + 1 }, 'SizeOverLimit'],
    [{ option: 'disk', sizeBytes: TB, storeKind: 'glacier' }, undefined],
    [{ option: 'disk', sizeBytes: TB, storeKind: 'ebs' }, undefined],
    [{ option: 'disk', sizeBytes: TB, storeKind: 'glacier', type: 'export' }, 'OptionRule'],
    [{ option: 'disk', sizeBytes: TB, encrypted: false }, undefined],
    [{ option: 'disk', sizeBytes: TB, processingSteps: 1 }, 'ProcessingNotOffered'],
  ];
  test.each(rows)('%j → %s', (changes, code) => {
    const work = () => checkJobRequest(request(changes));
    if (code) expect(work).toThrow(expect.objectContaining({ code }));
    else expect(work).not.toThrow();
  });

  test('only a disk job without encryption writes a bag', () => {
    expect(volumeKindOf('disk', false)).toBe('bag');
    expect(volumeKindOf('disk', true)).toBe('sealed');
    expect(volumeKindOf('snowball', false)).toBe('sealed');
  });

  test('a plan holds the data with as few jobs as can be', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1000 * TB, noNaN: true }), (size) => {
        const bytes = Math.round(size);
        const { jobs, sizeBytes } = planJobs('snowball', bytes);
        expect(jobs * sizeBytes).toBeGreaterThanOrEqual(bytes);
        expect((jobs - 1) * 80 * TB).toBeLessThan(bytes);
      }),
    );
    expect(planJobs('snowball', 200 * TB)).toEqual({ jobs: 3, sizeBytes: 80 * TB });
    expect(planJobs('snowball', 90 * TB)).toEqual({ jobs: 2, sizeBytes: 50 * TB });
  });
});

test('a limit names the moment, both numbers and the way out', () => {
  expect(() => checkLimit('scan', 'snowball', 50 * TB, 50 * TB)).not.toThrow();
  try {
    checkLimit('scan', 'snowball', 80 * TB, 200 * TB);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      message: 'the source: 200 TB is over the limit of 80.0 TB for snowball',
      next: 'plan several jobs: 3 jobs of 80.0 TB (waybill job plan --option snowball --bytes 200000000000000)',
    });
  }
});

describe('object keys', () => {
  const bytes = (text: string) => Buffer.from(text);
  test.each(['', '/', '/etc/passwd', '..', 'a/../b', './a', 'a//b', 'a/.', 'a\0b', '../x', 'a/..'])(
    'cannot be %j',
    (key) => expect(keyProblem(bytes(key), KEY_RULES.s3)).toBeTypeOf('string'),
  );
  test.each(['a', 'a/b', 'a/', '...', '.a', 'a..b', 'a\nb', 'ü', 'x'.repeat(1024)])(
    'can be %j',
    (key) => expect(keyProblem(bytes(key), KEY_RULES.s3)).toBeUndefined(),
  );
  test('are UTF-8 of at most 1,024 bytes', () => {
    expect(keyProblem(Buffer.from([0x61, 0xff]), KEY_RULES.s3)).toContain('UTF-8');
    expect(keyProblem(bytes('x'.repeat(1025)), KEY_RULES.s3)).toContain('1025');
  });
  test('never lead out of their root', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('.', '..', '/', 'a', 'b', '')), (parts) => {
        const key = parts.join('');
        if (pathProblem(bytes(key)) !== undefined || key === '') return;
        const resolved = new URL(
          `http://root/inside/${key.split('/').map(encodeURIComponent).join('/')}`,
        );
        expect(resolved.pathname.startsWith('/inside/')).toBe(true);
      }),
    );
  });
});

describe('words for people', () => {
  test('sizes', () => {
    expect([0, 999, 1000, 1_500_000, 50 * TB].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.00 KB',
      '1.50 MB',
      '50.0 TB',
    ]);
    expect(['50TB', '1.5 GB', '1MiB', '12', 'x', '1 parsec'].map(parseBytes)).toEqual([
      ...[50 * TB, 1_500_000_000, 1_048_576, 12, undefined, undefined],
    ]);
  });
  test('durations', () => {
    expect([0, 59_000, 61_000, 3_700_000, 90_000_000].map(formatDuration)).toEqual([
      ...['0 s', '59 s', '1 min 1 s', '1 h 1 min', '1 d 1 h'],
    ]);
  });
  test('keys that no line breaks', () => {
    expect(printableKey(Buffer.from('a\nb%c'))).toBe('a%0Ab%25c');
    expect(printableKey(Buffer.from([0x61, 0xff]))).toBe('a%FF');
    expect(printableKey(Buffer.from('日本'))).toBe('日本');
    expect(printableKey(Buffer.from('a\u202eb'))).toBe('a%E2%80%AEb');
    expect(parsePrintableKey('100%')).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (key) => {
        expect(parsePrintableKey(printableKey(key))).toEqual(Buffer.from(key));
      }),
    );
  });
});

describe('reports', () => {
  test('quote what RFC 4180 wants quoted', () => {
    const row = {
      key: 'a,"b"',
      bytes: 1,
      sha256: 'x',
      crc32: 'y',
      result: 'written',
      reason: '',
      detail: '',
    } as const;
    expect(csvLine(row)).toBe('"a,""b""",1,x,y,written,,,,\r\n');
  });
  test('errors outrank warnings', () => {
    expect(outcomeOf({ skipped: 0, failed: 0 })).toBe('succeeded');
    expect(outcomeOf({ skipped: 2, failed: 0 })).toBe('with-warnings');
    expect(outcomeOf({ skipped: 2, failed: 1 })).toBe('with-errors');
  });
});

describe('errors', () => {
  test('each says what happened and what to do, and has a status and an exit code', () => {
    const exits = new Set<number>(Object.values(EXIT));
    for (const [code, { say, next, http, exit }] of Object.entries(ERRORS)) {
      expect(code).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(say.length, code).toBeGreaterThan(5);
      expect(next, code).toMatch(/\S{4,}/);
      expect(http, code).toBeGreaterThanOrEqual(400);
      expect(exits.has(exit), code).toBe(true);
    }
  });
  test('fill in their facts', () => {
    expect(describeError('WrongDevice', { found: 'A', expected: 'B' })).toEqual({
      message: 'this is device A; the job uses device B',
      next: 'connect device B, or report the wrong device on the job page',
    });
  });
});

describe('the custody chain', () => {
  const sha256Hex = (text: string) => createHash('sha256').update(text).digest('hex');
  const entry: CustodyEntry = {
    seq: 1,
    at: '2026-01-01T00:00:00Z',
    kind: 'job.created',
    jobId: 'J',
    deviceId: null,
    actor: 'person:1',
    channel: 'browser',
    detail: { b: 1, a: 2 },
    previousHash: GENESIS_HASH,
  };
  test('covers every member, in any order of writing', () => {
    const hash = custodyHash(entry, sha256Hex);
    expect(custodyHash({ ...entry, detail: { a: 2, b: 1 } }, sha256Hex)).toBe(hash);
    expect(custodyHash({ ...entry, detail: { a: 2, b: 2 } }, sha256Hex)).not.toBe(hash);
    expect(custodyHash({ ...entry, seq: 2 }, sha256Hex)).not.toBe(hash);
  });
  test('writes JSON in one way only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });
});
