import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getTableName, isTable } from 'drizzle-orm';
import { expect, test } from 'vitest';
import config from '../../../../drizzle/config.ts';
import { schema } from './schema.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Names of the tables that a file has. */
async function tablesOf(file: string): Promise<string[]> {
  const { href } = new URL(file, import.meta.url);
  const found: Record<string, unknown> = await import(href);
  return Object.values(found).flatMap((value) => (isTable(value) ? [getTableName(value)] : []));
}

test('every file of tables is known to the console, and to what makes its migrations', async () => {
  const files = readdirSync(FOLDER).filter((name) => !/^schema\.|\.test\.ts$/.test(name));
  const tables = (await Promise.all(files.map(tablesOf))).flat();
  const known = Object.values(schema).flatMap((value) =>
    isTable(value) ? [getTableName(value)] : [],
  );
  expect(known.sort()).toEqual(tables.sort());
  const configured = [config].flatMap((one) => ('schema' in one ? one.schema : []));
  expect([configured].flat().sort()).toEqual(
    files.map((name) => `./lib/server/db/schema/${name}`).sort(),
  );
});
