import { WaybillError } from '../../../../lib/domain/errors.ts';
import {
  createAccessKey,
  listAccessKeys,
  revokeAccessKey,
} from '../../../../lib/server/people/access-keys.ts';
import { exchangeLogin } from '../../../../lib/server/people/device-login.ts';
import {
  acceptInvitation,
  invite,
  offerNewPassword,
  openInvitations,
  readInvitation,
  revokeInvitation,
} from '../../../../lib/server/people/invitations.ts';
import {
  addPerson,
  changePerson,
  listPeople,
  personOf,
} from '../../../../lib/server/people/people.ts';
import { endSession, endSessionsOf, listSessions } from '../../../../lib/server/people/sessions.ts';
import { createToken, listTokens, revokeToken } from '../../../../lib/server/people/tokens.ts';
import type { Handlers } from '../handle.ts';

type PeopleRoutes =
  | 'me'
  | 'exchangeLogin'
  | 'listPeople'
  | 'addPerson'
  | 'changePerson'
  | 'readInvitation'
  | 'acceptInvitation'
  | 'listInvitations'
  | 'invitePerson'
  | 'revokeInvitation'
  | 'offerNewPassword'
  | 'endSessionsOf'
  | 'listSessions'
  | 'endSession'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken'
  | 'listAccessKeys'
  | 'createAccessKey'
  | 'revokeAccessKey';

const DAY_MS = 86_400_000;

const row = (person: Awaited<ReturnType<typeof listPeople>>[number]) => {
  const { id, name, email, role, disabled, createdAt } = person;
  return { id, name, email, role, disabled, createdAt: createdAt.toISOString() };
};

/** When something ends that is good for so many days; undefined: never. */
const endOf = (days: number | undefined, now: Date): Date | undefined =>
  days === undefined ? undefined : new Date(now.getTime() + days * DAY_MS);

/** People, their tokens and keys, and who is calling. */
export const peopleHandlers: Pick<Handlers, PeopleRoutes> = {
  me: async ({ console, actor }) => {
    const { id, role, channel, jobId = null } = actor;
    const [kind, subject = id] = id.split(/:(.*)/s);
    const person = kind === 'person' ? await personOf(console.db.read, subject) : undefined;
    const name = person?.name ?? subject;
    return { id: person?.id ?? id, name, email: person?.email ?? null, role, channel, jobId };
  },
  exchangeLogin: ({ console, body, now }) => exchangeLogin(console.db, body, now),
  listPeople: async ({ console }) => ({ people: (await listPeople(console.db.read)).map(row) }),
  addPerson: async ({ console, actor, body, now }) =>
    row(await addPerson(console.db, actor, body, now)),
  changePerson: async ({ console, actor, params, body, now }) =>
    row(await changePerson(console.db, actor, params.personId, body, now)),
  readInvitation: async ({ console, body, now }) => {
    const { kind, name, email } = await readInvitation(console.db.read, body.token, now);
    return { kind, name, email };
  },
  acceptInvitation: ({ console, body, now }) => acceptInvitation(console.db, body, now),
  listInvitations: async ({ console, now }) => ({
    invitations: (await openInvitations(console.db.read, now)).map(
      ({ id, kind, name, email, role, createdBy, createdAt, expiresAt }) => ({
        id,
        kind,
        name,
        email,
        role,
        createdBy,
        createdAt,
        expiresAt,
      }),
    ),
  }),
  invitePerson: ({ console, actor, body, now }) => invite(console, actor, body, now),
  revokeInvitation: ({ console, actor, params, now }) =>
    revokeInvitation(console.db, actor, params.invitationId, now),
  offerNewPassword: ({ console, actor, params, now }) =>
    offerNewPassword(console, actor, params.personId, now),
  endSessionsOf: ({ console, actor, params, now }) =>
    endSessionsOf(console.db, actor, params.personId, now),
  listSessions: async ({ console, actor, query, now }) => ({
    sessions: await listSessions(console.db.read, actor, query, now),
  }),
  endSession: ({ console, actor, params, now }) =>
    endSession(console.db, actor, params.sessionId, now),
  listTokens: async ({ console, actor }) => ({
    tokens: (await listTokens(console.db.read, actor)).map(({ hash: _, ...token }) => token),
  }),
  createToken: ({ console, actor, body, now }) => {
    const { kind, name, expiresInDays } = body;
    const subject = kind === 'station' ? name : actor.id.replace(/^person:/, '');
    const role = kind === 'station' ? 'station' : actor.role;
    const expiresAt = endOf(expiresInDays, now);
    const expires = expiresAt === undefined ? {} : { expiresAt };
    return createToken(console.db, actor, { kind, name, subject, role, ...expires }, now);
  },
  revokeToken: ({ console, actor, params, now }) => {
    const id = params.tokenId === 'current' ? actor.tokenId : params.tokenId;
    if (id === undefined) throw new WaybillError('NotFound', { what: 'token', id: 'current' });
    return revokeToken(console.db, actor, id, now);
  },
  listAccessKeys: async ({ console, actor }) => ({
    accessKeys: await listAccessKeys(console.db.read, actor),
  }),
  createAccessKey: ({ console, actor, body, now }) => {
    const { name, expiresInDays } = body;
    return createAccessKey(console, actor, { name, expiresAt: endOf(expiresInDays, now) }, now);
  },
  revokeAccessKey: ({ console, actor, params, now }) =>
    revokeAccessKey(console.db, actor, params.keyId, now),
};
