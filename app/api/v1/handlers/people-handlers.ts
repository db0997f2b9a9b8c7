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
  me: async ({ context, actor }) => {
    const { id, role, channel, jobId = null } = actor;
    const [kind, subject = id] = id.split(/:(.*)/s);
    const person = kind === 'person' ? await personOf(context.db.read, subject) : undefined;
    const name = person?.name ?? subject;
    return { id: person?.id ?? id, name, email: person?.email ?? null, role, channel, jobId };
  },
  exchangeLogin: ({ context, body, now }) => exchangeLogin(context.db, body, now),
  listPeople: async ({ context }) => ({ people: (await listPeople(context.db.read)).map(row) }),
  addPerson: async ({ context, actor, body, now }) =>
    row(await addPerson(context.db, actor, body, now)),
  changePerson: async ({ context, actor, params, body, now }) =>
    row(await changePerson(context.db, actor, params.personId, body, now)),
  readInvitation: async ({ context, body, now }) => {
    const { kind, name, email } = await readInvitation(context.db.read, body.token, now);
    return { kind, name, email };
  },
  acceptInvitation: ({ context, body, now }) => acceptInvitation(context.db, body, now),
  listInvitations: async ({ context, now }) => ({
    invitations: (await openInvitations(context.db.read, now)).map(
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
  invitePerson: ({ context, actor, body, now }) => invite(context, actor, body, now),
  revokeInvitation: ({ context, actor, params, now }) =>
    revokeInvitation(context.db, actor, params.invitationId, now),
  offerNewPassword: ({ context, actor, params, now }) =>
    offerNewPassword(context, actor, params.personId, now),
  endSessionsOf: ({ context, actor, params, now }) =>
    endSessionsOf(context.db, actor, params.personId, now),
  listSessions: async ({ context, actor, query, now }) => ({
    sessions: await listSessions(context.db.read, actor, query, now),
  }),
  endSession: ({ context, actor, params, now }) =>
    endSession(context.db, actor, params.sessionId, now),
  listTokens: async ({ context, actor }) => ({
    tokens: (await listTokens(context.db.read, actor)).map(({ hash: _, ...token }) => token),
  }),
  createToken: ({ context, actor, body, now }) => {
    const { kind, name, expiresInDays } = body;
    const subject = kind === 'station' ? name : actor.id.replace(/^person:/, '');
    const role = kind === 'station' ? 'station' : actor.role;
    const expiresAt = endOf(expiresInDays, now);
    const expires = expiresAt === undefined ? {} : { expiresAt };
    return createToken(context.db, actor, { kind, name, subject, role, ...expires }, now);
  },
  revokeToken: ({ context, actor, params, now }) => {
    const id = params.tokenId === 'current' ? actor.tokenId : params.tokenId;
    if (id === undefined) throw new WaybillError('NotFound', { what: 'token', id: 'current' });
    return revokeToken(context.db, actor, id, now);
  },
  listAccessKeys: async ({ context, actor }) => ({
    accessKeys: await listAccessKeys(context.db.read, actor),
  }),
  createAccessKey: ({ context, actor, body, now }) => {
    const { name, expiresInDays } = body;
    return createAccessKey(context, actor, { name, expiresAt: endOf(expiresInDays, now) }, now);
  },
  revokeAccessKey: ({ context, actor, params, now }) =>
    revokeAccessKey(context.db, actor, params.keyId, now),
};
