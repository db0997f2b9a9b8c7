import { describe, expect, test } from 'vitest';
import { OPTIONS } from '../../../../lib/domain/words.ts';
import { createCommand, NEW_DRAFT, requestOf, ruleProblem, withOption } from './draft.ts';

describe('a draft of a job', () => {
  test.each(OPTIONS)('that follows its option %s may be created', (option) => {
    expect(ruleProblem(withOption(NEW_DRAFT, option), 'directory')).toBeUndefined();
  });

  test('follows the rules when the option changes', () => {
    const disk = { ...withOption(NEW_DRAFT, 'disk'), size: '4 TB', encrypted: false };
    expect(withOption(disk, 'snowball')).toMatchObject({ size: '50 TB', encrypted: true });
    expect(withOption(NEW_DRAFT, 'disk')).toMatchObject({ size: '8 TB' });
  });

  test('says what is wrong before it is sent', () => {
    expect(ruleProblem({ ...NEW_DRAFT, size: 'much' }, 'directory')).toContain('number');
    expect(ruleProblem({ ...NEW_DRAFT, size: '60 TB' }, 'directory')).toContain('50 TB or 80 TB');
    expect(ruleProblem(NEW_DRAFT, 'ebs')).toContain('imports into');
  });

  test('asks for a key range in exports only', () => {
    const draft = { ...NEW_DRAFT, rangeBegin: 'a', rangeEnd: '' };
    expect(requestOf(draft)).not.toHaveProperty('rangeBegin');
    expect(requestOf({ ...draft, type: 'export' })).toMatchObject({ rangeBegin: 'a' });
  });

  test('asks for its own notification and shipping service only when they were chosen', () => {
    const own = { targetIds: ['t-1'], notifyAll: true, states: [], attention: true };
    const chosen = { ...NEW_DRAFT, shippingService: 'next-day', notification: own } as const;
    expect(requestOf(chosen)).toMatchObject({ shippingService: 'next-day', notification: own });
    expect(createCommand(chosen)).toContain('--shipping-service next-day --notify t-1');
    for (const name of ['shippingService', 'notification'])
      expect(requestOf(NEW_DRAFT)).not.toHaveProperty(name);
  });

  test('says what becomes of objects that are there already, of an import', () => {
    const draft = { ...NEW_DRAFT, overwritePolicy: 'if-different' } as const;
    expect(requestOf(draft)).toMatchObject({ overwritePolicy: 'if-different' });
    expect(createCommand(draft)).toContain('--overwrite if-different');
    const exported = { ...draft, type: 'export' } as const;
    expect(requestOf(exported)).toMatchObject({ overwritePolicy: 'never' });
    expect(createCommand(exported)).not.toContain('--overwrite');
  });

  test('asks for one archive of a device, where the store makes archives', () => {
    const draft = { ...withOption(NEW_DRAFT, 'disk'), archive: 'device', size: '4 TB' } as const;
    expect(ruleProblem(draft, 'glacier')).toBeUndefined();
    expect(ruleProblem(draft, 's3')).toContain('glacier');
    expect(ruleProblem({ ...draft, size: '8 TB' }, 'glacier')).toContain('5.00 TB');
    expect(createCommand(draft)).toContain('--bucket default --archive device');
    const exported = { ...draft, type: 'export' } as const;
    expect(requestOf(exported)).toMatchObject({ archive: 'object' });
    expect(createCommand(exported)).not.toContain('--archive');
  });

  test('has a command that survives a shell', () => {
    const draft = { ...withOption(NEW_DRAFT, 'disk'), name: "Ada's disk", encrypted: false };
    expect(createCommand(draft)).toBe(
      "waybill job create --name 'Ada'\\''s disk' --option disk --type import --size 8TB --no-encryption --store embedded --bucket default",
    );
  });
});
