import { and, eq, gte, inArray, isNull, lt, not, notInArray, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { WaybillError } from '../../domain/errors.ts';
import {
  type FilterProperty,
  type FilterToken,
  filterProperty,
  type JobFilter,
  timeBounds,
} from '../../domain/job-filter.ts';
import type { JobSort } from '../../domain/job-sort.ts';
import { parseBytes } from '../../domain/sizes.ts';
import { isActor } from '../actors/actor-names.ts';
import { holdsText } from '../db/contains-text.ts';
import type { Reader } from '../db/database.ts';
import { user } from '../db/schema/auth.ts';
import { awsJobs } from '../db/schema/aws.ts';
import { jobFunctions, keptFunctions } from '../db/schema/functions.ts';
import { incidents } from '../db/schema/incidents.ts';
import { jobs } from '../db/schema/jobs.ts';

/** Which jobs, in which order. */
export interface JobQuery {
  /** All of them hold. */
  filters?: readonly JobFilter[] | undefined;
  sort?: JobSort | undefined;
  descending?: boolean | undefined;
  /** Only jobs created before this `seq`. */
  before?: number | undefined;
}

const FILTER_COLUMNS: Partial<Record<FilterProperty, SQLiteColumn>> = {
  state: jobs.state,
  option: jobs.option,
  type: jobs.type,
  outcome: jobs.outcome,
  copy: jobs.copyPhase,
  name: jobs.name,
  id: jobs.id,
  store: jobs.storeId,
  bucket: jobs.bucket,
  device: jobs.deviceId,
  createdBy: jobs.createdBy,
  created: jobs.createdAt,
  since: jobs.stateSince,
  size: jobs.sizeBytes,
};

const TEXT_COLUMNS = [jobs.name, jobs.id, jobs.deviceId, jobs.bucket];

export function whereOf(db: Reader, { filters = [], before }: JobQuery): SQL | undefined {
  return and(
    before === undefined ? undefined : lt(jobs.seq, before),
    ...filters.map(({ join, tokens }) => {
      const conditions = tokens.map((token) => conditionOf(db, token));
      return join === 'and' ? and(...conditions) : or(...conditions);
    }),
  );
}

function conditionOf(db: Reader, token: FilterToken): SQL | undefined {
  const { property, operator } = token;
  if (property === 'attention') return attentionIs(db, token);
  if (property === 'group') return ofGroup(db, token);
  if (property === 'function') return ofFunction(db, token);
  if (property === 'createdBy') return ofCreator(token);
  if (operator === ':' || operator === '!:') return textHolds(token);
  const column = columnOf(property);
  const { kind } = filterProperty(property);
  if (kind === 'time') return withinTime(column, token);
  if (kind === 'size') return ofSize(column, token);
  return oneOf(column, token.values, operator === '=');
}

function columnOf(property: FilterProperty): SQLiteColumn {
  const column = FILTER_COLUMNS[property];
  if (!column) throw new WaybillError('Internal', { reference: `no column for ${property}` });
  return column;
}

/** A job without a value is not equal to any. */
function oneOf(column: SQLiteColumn, values: readonly (string | number)[], equal: boolean) {
  if (equal) return inArray(column, [...values]);
  return column.notNull
    ? notInArray(column, [...values])
    : or(isNull(column), notInArray(column, [...values]));
}

function attentionIs(db: Reader, { operator, values }: FilterToken): SQL | undefined {
  const open = db
    .select({ jobId: incidents.jobId })
    .from(incidents)
    .where(isNull(incidents.resolvedAt));
  const wants = (word: string) => values.includes(word) === (operator === '=');
  if (wants('yes') && wants('no')) return undefined;
  if (!wants('yes') && !wants('no')) return sql`0`;
  return wants('yes') ? inArray(jobs.id, open) : notInArray(jobs.id, open);
}

/** Jobs of a cluster, or parts of an export. */
function ofGroup(db: Reader, { operator, values }: FilterToken): SQL | undefined {
  const ids = [...values];
  const members = db
    .select({ jobId: awsJobs.jobId })
    .from(awsJobs)
    .where(or(inArray(awsJobs.clusterId, ids), inArray(awsJobs.exportId, ids)));
  return operator === '=' ? inArray(jobs.id, members) : notInArray(jobs.id, members);
}

/** Jobs that have the code which is kept under a name. */
function ofFunction(db: Reader, { operator, values }: FilterToken): SQL | undefined {
  const users = db
    .select({ jobId: jobFunctions.jobId })
    .from(jobFunctions)
    .innerJoin(keptFunctions, eq(keptFunctions.sha256, jobFunctions.sha256))
    .where(inArray(keptFunctions.name, [...values]));
  return operator === '=' ? inArray(jobs.id, users) : notInArray(jobs.id, users);
}

/** People are asked for by their names, too. */
function ofCreator({ operator, values }: FilterToken): SQL | undefined {
  const exact = operator === '=' || operator === '!=';
  const any = or(
    ...values.map((value) =>
      exact
        ? isActor(jobs.createdBy, value)
        : or(holdsText(jobs.createdBy, value), sql`${jobs.createdBy} in (${peopleCalled(value)})`),
    ),
  );
  return operator === '=' || operator === ':' || !any ? any : not(any);
}

const peopleCalled = (text: string): SQL =>
  sql`select 'person:' || ${user.id} from ${user} where ${holdsText(user.name, text)}`;

/** The columns of `jobs_search`, an index over every three characters (https://sqlite.org/fts5.html#the_trigram_tokenizer). */
const SEARCHED: Partial<Record<FilterProperty, string>> = {
  name: '{name}',
  id: '{id}',
  device: '{device_id}',
  bucket: '{bucket}',
  text: '{name id device_id bucket}',
};

const INDEXED_LENGTH = 3;

function textHolds({ property, operator, values }: FilterToken): SQL | undefined {
  const scope = SEARCHED[property];
  const any = or(
    ...values.map((value) =>
      scope !== undefined && [...value].length >= INDEXED_LENGTH
        ? sql`${jobs.seq} in (select rowid from jobs_search where jobs_search match ${`${scope} : "${value.replaceAll('"', '""')}"`})`
        : scanned(property, value),
    ),
  );
  return operator === ':' || !any ? any : not(any);
}

/** Text that is too short for the index, or of a column outside it. */
function scanned(property: FilterProperty, value: string): SQL | undefined {
  const columns = property === 'text' ? TEXT_COLUMNS : [columnOf(property)];
  return or(...columns.map((column) => sql`coalesce(${holdsText(column, value)}, 0)`));
}

function withinTime(column: SQLiteColumn, { operator, values }: FilterToken): SQL | undefined {
  const { from, before } = timeBounds(operator, values[0] ?? '');
  return from === undefined ? lt(column, before ?? '') : gte(column, from);
}

function ofSize(column: SQLiteColumn, { operator, values }: FilterToken): SQL | undefined {
  const sizes = values.map((value) => parseBytes(value) ?? 0);
  if (operator === '=' || operator === '!=') return oneOf(column, sizes, operator === '=');
  return sql`${column} ${sql.raw(operator)} ${sizes[0]}`;
}
