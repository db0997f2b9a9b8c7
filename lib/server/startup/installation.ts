import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { and, eq, isNull } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { hashToken, makeToken, safeEqual } from '../../keys/secrets.ts';
import { createBucket } from '../../stores/directory/directory-store.ts';
import { SYSTEM } from '../actors/actor.ts';
import { EMBEDDED_BUCKET, EMBEDDED_STATION, EMBEDDED_STORE } from '../context/embedded.ts';
import type { ServerContext } from '../context/server-context.ts';
import { readSetting, removeSetting, writeSetting } from '../context/settings.ts';
import { appendCustody } from '../custody/log.ts';
import type { Reader } from '../db/database.ts';
import { user } from '../db/schema/auth.ts';
import { stores } from '../db/schema/stores.ts';
import { accessTokens } from '../db/schema/tokens.ts';
import { insertPerson, type NewPerson } from '../people/people.ts';
import { actorOfToken, createToken } from '../people/tokens.ts';

type Opening = Pick<ServerContext, 'config' | 'paths' | 'db' | 'log'>;

/** What one machine needs to be a whole installation: a store, a token for the embedded station, a set-up link. */
export async function prepareInstallation(context: Opening, now: Date): Promise<void> {
  await prepareStore(context, now);
  await prepareStationToken(context, now);
  await prepareSetupLink(context);
}

async function prepareStore({ db, paths }: Opening, now: Date): Promise<void> {
  createBucket(paths.store, EMBEDDED_BUCKET);
  const createdAt = now.toISOString();
  const row = { id: EMBEDDED_STORE, name: 'Embedded store', kind: 'directory' as const, createdAt };
  await db.transaction(async (tx) => {
    const [known] = await tx.select().from(stores).where(eq(stores.id, row.id));
    // A data directory that was moved brings its store along.
    if (known) await tx.update(stores).set({ root: paths.store }).where(eq(stores.id, row.id));
    else await tx.insert(stores).values({ ...row, root: paths.store });
  });
}

async function prepareStationToken({ db, paths }: Opening, now: Date): Promise<void> {
  if (existsSync(paths.stationToken)) {
    const kept = readFileSync(paths.stationToken, 'utf8').trim();
    const good = await actorOfToken(db, kept, now).catch(() => undefined);
    if (good) return;
  }
  const ofStation = and(
    eq(accessTokens.kind, 'station'),
    eq(accessTokens.subject, EMBEDDED_STATION),
  );
  await db.transaction(async (tx) => {
    const stillGood = and(ofStation, isNull(accessTokens.revokedAt));
    await tx.update(accessTokens).set({ revokedAt: now.toISOString() }).where(stillGood);
  });
  const { token } = await createToken(
    db,
    SYSTEM,
    { kind: 'station', name: 'Embedded station', subject: EMBEDDED_STATION, role: 'station' },
    now,
  );
  writePrivate(paths.stationToken, `${token}\n`);
}

/** Until there is an administrator, every start makes a new link and the old one is void. */
async function prepareSetupLink({ db, paths, config, log }: Opening): Promise<void> {
  if (await isSetUp(db.read)) {
    rmSync(paths.setupLink, { force: true });
    return;
  }
  const token = makeToken('person');
  await db.transaction((tx) => writeSetting(tx, 'setup-token-hash', hashToken(token)));
  // In the fragment, so that it is in no log of a server or proxy.
  const link = `${config.publicUrl}/setup#${token}`;
  writePrivate(paths.setupLink, `${link}\n`);
  log.info({ file: paths.setupLink }, 'not set up yet; the set-up link is in this file');
}

function writePrivate(path: string, text: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
}

/** Whether there is an administrator. */
export async function isSetUp(db: Reader): Promise<boolean> {
  const [admin] = await db.select().from(user).where(eq(user.role, 'admin')).limit(1);
  return admin !== undefined;
}

/** Makes the first administrator, once. Throws SetupDone, SetupTokenInvalid. */
export async function setUp(
  { db, paths }: Pick<ServerContext, 'db' | 'paths'>,
  request: Omit<NewPerson, 'role'> & { token: string },
  now: Date,
): Promise<{ personId: string }> {
  const { token, ...person } = request;
  const made = await db.transaction(async (tx) => {
    if (await isSetUp(tx)) throw new WaybillError('SetupDone');
    const hash = await readSetting(tx, 'setup-token-hash');
    if (!hash || !safeEqual(hash, hashToken(token))) throw new WaybillError('SetupTokenInvalid');
    await removeSetting(tx, 'setup-token-hash');
    const row = await insertPerson(tx, SYSTEM, { ...person, role: 'admin' }, now);
    const detail = { personId: row.id };
    await appendCustody(tx, SYSTEM, { kind: 'installation.set-up', detail }, now);
    return row;
  });
  rmSync(paths.setupLink, { force: true });
  return { personId: made.id };
}
