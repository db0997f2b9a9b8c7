import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { as, consoleDatabase, NOW, newJob } from '../../testing/console-database.ts';
import { createJob } from '../jobs/create-job.ts';

/** A connection as any program has it that opens the file; with an entry of the custody log, a signed head and a job. */
async function rawDatabase() {
  const { db, file } = await consoleDatabase();
  const { id } = await createJob(db, as('operator'), newJob({ name: 'Glacier scans' }), NOW);
  db.close();
  const raw = new Database(file);
  onTestFinished(() => void raw.close());
  raw.exec("INSERT INTO custody_heads (seq, hash, at, cms) VALUES (1, 'h', 'now', 'cms')");
  const search = raw.prepare('SELECT rowid FROM jobs_search WHERE jobs_search MATCH ?');
  const finds = (text: string) => search.all(`"${text}"`).length;
  return { raw, id, finds };
}

const APPEND_ONLY = {
  custody: 'the custody log is append-only',
  custody_heads: 'signed heads of the custody log are append-only',
};

/** Statements that would change what is written, each refused by a trigger. */
const REFUSED: [string, keyof typeof APPEND_ONLY][] = [
  ["UPDATE custody SET detail = '{}' WHERE seq = 1", 'custody'],
  ['UPDATE custody SET seq = seq + 1', 'custody'],
  ['UPDATE custody SET hash = hash', 'custody'],
  ['DELETE FROM custody WHERE seq = 1', 'custody'],
  ['DELETE FROM custody', 'custody'],
  ['INSERT OR REPLACE INTO custody SELECT * FROM custody', 'custody'],
  ['INSERT OR REPLACE INTO custody_heads SELECT * FROM custody_heads', 'custody_heads'],
  ["UPDATE custody_heads SET cms = 'forged' WHERE seq = 1", 'custody_heads'],
  ['DELETE FROM custody_heads WHERE seq = 1', 'custody_heads'],
  ['DELETE FROM custody_heads', 'custody_heads'],
];

for (const [statement, table] of REFUSED) {
  test(`the database refuses: ${statement}`, async () => {
    const { raw } = await rawDatabase();
    const rows = () => raw.prepare(`SELECT * FROM ${table}`).all();
    const before = rows();
    expect(before).toHaveLength(1);
    expect(() => raw.exec(statement)).toThrow(
      expect.objectContaining({
        code: 'SQLITE_CONSTRAINT_TRIGGER',
        message: APPEND_ONLY[table],
      }),
    );
    expect(rows()).toEqual(before);
  });
}

test('every trigger of the database is one that a test here names', async () => {
  const { raw } = await rawDatabase();
  const names = raw
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    .pluck()
    .all();
  expect(names).toEqual([
    'custody_heads_no_delete',
    'custody_heads_no_replace',
    'custody_heads_no_update',
    'custody_no_delete',
    'custody_no_replace',
    'custody_no_update',
    'jobs_search_delete',
    'jobs_search_insert',
    'jobs_search_update',
  ]);
});

test('a job that is created is found by parts of its name', async () => {
  const { finds } = await rawDatabase();
  expect([finds('acier sc'), finds('nowhere')]).toEqual([1, 0]);
});

test('a job whose name changes is found by the new one alone', async () => {
  const { raw, finds } = await rawDatabase();
  raw.exec("UPDATE jobs SET name = 'Telescope plates'");
  expect([finds('Glacier'), finds('Telescope')]).toEqual([0, 1]);
});

test('a job that is deleted is not found any more', async () => {
  const { raw, finds } = await rawDatabase();
  raw.exec('DELETE FROM jobs');
  expect(finds('Glacier')).toBe(0);
});
