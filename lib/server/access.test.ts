import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { STATION_WORK } from '../domain/words.ts';
import { as, consoleDatabase, NOW, newJob } from '../testing/console-database.ts';
import type { Actor } from './actors/actor.ts';
import { custodyOf, verifyCustody } from './custody/log.ts';
import { jobs } from './db/schema/jobs.ts';
import { accessTokens } from './db/schema/tokens.ts';
import { createJob } from './jobs/create-job.ts';
import { claim, LEASE_MS, release, renew } from './lifecycle/leases.ts';
import { act } from './lifecycle/transitions.ts';
import { actorOfToken, createToken, revokeToken } from './people/tokens.ts';

const later = (ms: number) => new Date(NOW.getTime() + ms);
const station = (name: string): Actor => ({
  id: `station:${name}`,
  role: 'station',
  channel: 'token',
});

describe('tokens', () => {
  test('stand for who they were made for, and are kept as hashes only', async () => {
    const { db } = await consoleDatabase();
    const made = await createToken(
      db,
      as('operator'),
      { kind: 'job', name: 'agent', subject: 'JID-1', role: 'job' },
      NOW,
    );
    expect(await actorOfToken(db, made.token, NOW)).toMatchObject({
      id: 'job:JID-1',
      role: 'job',
      channel: 'token',
      jobId: 'JID-1',
    });
    const [row] = await db.read.select().from(accessTokens);
    expect(JSON.stringify(row)).not.toContain(made.token);
    expect(await verifyCustody(db.read)).toMatchObject({ entries: 1, brokenAt: undefined });
  });

  test('that are unknown, expired or revoked are told apart', async () => {
    const { db } = await consoleDatabase();
    const token = {
      kind: 'person',
      name: 'script',
      subject: 'operator',
      role: 'operator',
    } as const;
    const { id, token: secret } = await createToken(
      db,
      as('operator'),
      { ...token, expiresAt: later(1000) },
      NOW,
    );
    await expect(actorOfToken(db, `${secret}x`, NOW)).rejects.toMatchObject({
      code: 'TokenInvalid',
    });
    await expect(actorOfToken(db, secret, later(1000))).rejects.toMatchObject({
      code: 'TokenExpired',
    });
    await expect(revokeToken(db, as('viewer'), id, NOW)).rejects.toMatchObject({
      code: 'Forbidden',
    });
    await revokeToken(db, as('operator'), id, NOW);
    await expect(actorOfToken(db, secret, NOW)).rejects.toMatchObject({ code: 'TokenRevoked' });
    await expect(revokeToken(db, as('admin'), 'none', NOW)).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  test('never give more than their maker has', async () => {
    const { db } = await consoleDatabase();
    const make = (changes: object) =>
      createToken(
        db,
        as('viewer'),
        { kind: 'person', name: 'x', subject: 'viewer', role: 'viewer', ...changes },
        NOW,
      );
    await make({});
    await expect(make({ role: 'admin' })).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(make({ subject: 'admin' })).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(make({ kind: 'job', role: 'job' })).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(make({ kind: 'station', role: 'station' })).rejects.toMatchObject({
      code: 'Forbidden',
    });
    expect(await db.read.select().from(accessTokens)).toHaveLength(1);
  });

  test('of stations are made by administrators', async () => {
    const { db } = await consoleDatabase();
    const token = { kind: 'station', name: 'dock', subject: 'dock', role: 'station' } as const;
    await expect(createToken(db, as('operator'), token, NOW)).rejects.toMatchObject({
      code: 'Forbidden',
    });
    const { token: secret } = await createToken(db, as('admin'), token, NOW);
    expect(await actorOfToken(db, secret, NOW)).toMatchObject({
      id: 'station:dock',
      role: 'station',
    });
  });
});

describe('leases', () => {
  test('keep a second station away until the first is silent for too long', async () => {
    const { db } = await consoleDatabase();
    const { id: jobId } = await createJob(db, as('admin'), newJob(), NOW);
    await db.transaction(async (tx) => {
      await tx.update(jobs).set({ state: 'importing' }).where(eq(jobs.id, jobId));
    });
    const request = { jobId, work: 'import' } as const;
    const first = await claim(db, station('a'), request, NOW);
    await expect(claim(db, station('b'), request, NOW)).rejects.toMatchObject({
      code: 'AlreadyClaimed',
      facts: { holder: 'station:a' },
    });
    await expect(renew(db, station('b'), first, later(1))).rejects.toMatchObject({
      code: 'LeaseLost',
    });
    await release(db, station('b'), first);
    await renew(db, station('a'), first, later(LEASE_MS - 1));
    await expect(claim(db, station('b'), request, later(LEASE_MS))).rejects.toMatchObject({
      code: 'AlreadyClaimed',
    });
    const second = await claim(db, station('b'), request, later(2 * LEASE_MS));
    await expect(renew(db, station('a'), first, later(2 * LEASE_MS))).rejects.toMatchObject({
      code: 'LeaseLost',
    });
    await release(db, station('a'), first);
    await renew(db, station('b'), second, later(2 * LEASE_MS));
    await release(db, station('b'), second);
    expect((await claim(db, station('a'), request, later(2 * LEASE_MS))).holder).toBe('station:a');
    expect(await custodyOf(db.read, jobId)).toHaveLength(1);
  });

  test('are for stations, on jobs that exist', async () => {
    const { db } = await consoleDatabase();
    const request = { jobId: 'JID-none', work: 'import' } as const;
    await expect(claim(db, as('operator'), request, NOW)).rejects.toMatchObject({
      code: 'Forbidden',
    });
    await expect(claim(db, station('a'), request, NOW)).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('are for stations alone, whatever the work, and of an import while its report is taken', async () => {
    const { db } = await consoleDatabase();
    const { id: jobId } = await createJob(db, as('admin'), newJob(), NOW);
    for (const work of STATION_WORK) {
      await expect(claim(db, as('admin'), { jobId, work }, NOW)).rejects.toMatchObject({
        code: 'Forbidden',
      });
    }
    await act(db, as('operator'), { jobId, action: 'cancel' }, NOW);
    await expect(claim(db, station('a'), { jobId, work: 'import' }, NOW)).rejects.toMatchObject({
      code: 'InvalidJobState',
    });
    expect((await claim(db, station('a'), { jobId, work: 'erase' }, NOW)).work).toBe('erase');
  });
});
