import { inArray, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Reader } from '../db/database.ts';
import { user } from '../db/schema/auth.ts';

const PERSON = /^person:/;
const STATION = /^station:/;

/** How people read who did something: names, not ids. */
export interface ActorNames {
  of(actorId: string): string;
}

/** Names of the actors with these ids: a person's name, else what kind of program it was. */
export async function actorNames(db: Reader, actorIds: readonly string[]): Promise<ActorNames> {
  const ids = [...new Set(actorIds.filter((id) => PERSON.test(id)))].map((id) =>
    id.replace(PERSON, ''),
  );
  const rows =
    ids.length === 0
      ? []
      : await db.select({ id: user.id, name: user.name }).from(user).where(inArray(user.id, ids));
  const people = new Map(rows.map(({ id, name }) => [id, name]));
  return { of: (actorId) => people.get(actorId.replace(PERSON, '')) ?? programName(actorId) };
}

function programName(actorId: string): string {
  if (actorId.startsWith('job:')) return 'the agent at the site';
  if (actorId === 'system') return 'Waybill';
  return STATION.test(actorId)
    ? `station ${actorId.replace(STATION, '')}`
    : actorId.replace(PERSON, '');
}

/** Whether a column holds the id of the actor who is asked for: by id, or a person by name or e-mail address. */
export function isActor(column: SQLiteColumn, asked: string): SQL | undefined {
  const people = sql`select 'person:' || ${user.id} from ${user} where ${user.name} = ${asked} or ${user.email} = ${asked}`;
  return or(inArray(column, [asked, `person:${asked}`]), sql`${column} in (${people})`);
}
