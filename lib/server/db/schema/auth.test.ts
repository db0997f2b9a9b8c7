import { getAuthTables } from 'better-auth/db';
import { deviceAuthorization } from 'better-auth/plugins';
import { getTableColumns } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { account, deviceCode, rateLimit, session, user, verification } from './auth.ts';

const OURS: Record<string, typeof user | typeof session | typeof account> = {
  user,
  session,
  account,
  ...({ verification, deviceCode, rateLimit } as object),
};

test('the tables have every column that better-auth asks for', () => {
  const tables = getAuthTables({
    plugins: [deviceAuthorization()],
    rateLimit: { storage: 'database' },
  });
  for (const [name, { fields }] of Object.entries(tables)) {
    const table = OURS[name];
    expect(Object.keys(table ? getTableColumns(table) : {})).toEqual(
      expect.arrayContaining(['id', ...Object.keys(fields)]),
    );
  }
});
