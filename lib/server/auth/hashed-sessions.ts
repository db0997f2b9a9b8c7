import type { BetterAuthOptions } from 'better-auth';
import type { DBAdapter, Where } from 'better-auth/adapters';
import { hashToken } from '../../keys/secrets.ts';

type AdapterFactory = (options: BetterAuthOptions) => DBAdapter;

const SESSION = 'session';

/**
 * Keeps only the hashes of session tokens: whoever reads the database or a backup finds nothing to sign in with.
 * The library goes on in clear; on the way to the database a token becomes its hash, on the way back the hash
 * becomes the token that was asked with.
 */
export function hashedSessions(open: AdapterFactory): AdapterFactory {
  return (options) => {
    const inner = open(options);
    return {
      ...inner,
      create: async <T extends Record<string, unknown>, R = T>(
        request: Parameters<typeof inner.create<T, R>>[0],
      ) => {
        const token = request.model === SESSION ? request.data.token : undefined;
        if (typeof token !== 'string') return inner.create<T, R>(request);
        const data = { ...request.data, token: hashToken(token) };
        return restored(await inner.create<T, R>({ ...request, data }), token);
      },
      findOne: async <T>(request: Parameters<typeof inner.findOne<T>>[0]) =>
        restored(await inner.findOne<T>(hashedQuery(request)), tokenOf(request)),
      findMany: async <T>(request: Parameters<typeof inner.findMany<T>>[0]) =>
        inner.findMany<T>(hashedQuery(request)),
      update: async <T>(request: Parameters<typeof inner.update<T>>[0]) =>
        restored(await inner.update<T>(hashedQuery(request)), tokenOf(request)),
      updateMany: (request) => inner.updateMany(hashedQuery(request)),
      delete: (request) => inner.delete(hashedQuery(request)),
      deleteMany: (request) => inner.deleteMany(hashedQuery(request)),
      count: (request) => inner.count(hashedQuery(request)),
      // Each statement is a change of its own in the writer's queue; without this the library's own would go around us.
      transaction: async (work) => work(hashedSessions(() => inner)(options)),
    };
  };
}

interface Query {
  model: string;
  where?: Where[] | undefined;
}

function hashedQuery<Q extends Query>(query: Q): Q {
  if (query.model !== SESSION || !query.where) return query;
  const where = query.where.map((clause) => {
    if (clause.field !== 'token') return clause;
    const { value } = clause;
    if (typeof value === 'string') return { ...clause, value: hashToken(value) };
    return Array.isArray(value)
      ? { ...clause, value: value.map((one) => hashToken(String(one))) }
      : clause;
  });
  return { ...query, where };
}

function tokenOf({ model, where }: Query): string | undefined {
  const value = model === SESSION && where?.find(({ field }) => field === 'token')?.value;
  return typeof value === 'string' ? value : undefined;
}

function restored<T>(row: T, token: string | undefined): T {
  return row && token !== undefined ? Object.assign(row, { token }) : row;
}
