import { WaybillError } from '../domain/errors.ts';
import { readSigned, signValue } from '../keys/signed-text.ts';
import type { Actor } from '../server/actors/actor.ts';
import type { ServerContext } from '../server/context/server-context.ts';
import { issueManifest } from '../server/credentials/manifests.ts';
import { actorOfPerson } from '../server/people/access-keys.ts';
import { openReport, reportPaper } from '../server/reports/reports.ts';
import { type PaperKind, paperOf } from '../server/shipping/shipping-papers.ts';

/**
 * Links that a client of the API is given for files: good without a session, for one file of one job, for an
 * hour, and only as long as the person they were made for may have the file.
 */

export const LINK_MS = 60 * 60_000;
export const LINK_PATH = '/api/aws/link/';
const PURPOSE = 'aws-link';

interface LinkFile {
  content: BodyInit;
  type: string;
  name: string;
}

type Serve = (context: ServerContext, actor: Actor, jobId: string, now: Date) => Promise<LinkFile>;

const log =
  (file: 'success.csv' | 'failure.csv'): Serve =>
  async (context, actor, jobId) => ({
    content: (await openReport(context, actor, { jobId, file })).content,
    type: 'text/csv; charset=utf-8',
    name: `${jobId}-${file}`,
  });

/** A paper of the way to the facility. */
const paper =
  (kind: PaperKind): Serve =>
  async (context, actor, jobId, now) => ({
    content: await paperOf(context, actor, { jobId, kind, leg: 'to-facility' }, now),
    type: 'application/pdf',
    name: `${jobId}-${kind}.pdf`,
  });

/** What a link can lead to. */
const FILES = {
  manifest: async (context, actor, jobId, now) => ({
    content: new Uint8Array(await issueManifest(context, actor, jobId, now)),
    type: 'application/octet-stream',
    name: `${jobId}_manifest.bin`,
  }),
  report: async (context, actor, jobId, now) => ({
    content: await reportPaper(context, actor, jobId, now),
    type: 'application/pdf',
    name: `${jobId}-report.pdf`,
  }),
  success: log('success.csv'),
  failure: log('failure.csv'),
  label: paper('label'),
  'packing-slip': paper('packing-slip'),
} satisfies Record<string, Serve>;
export type LinkKind = keyof typeof FILES;

interface Link {
  kind: LinkKind;
  jobId: string;
  /** The actor it was made for. */
  actor: string;
  /** Milliseconds since 1970. */
  until: number;
}

/** A link to a file of a job for who asks, and when it ends. */
export function makeLink(
  { config, linkSecret }: Pick<ServerContext, 'config' | 'linkSecret'>,
  actor: Actor,
  { kind, jobId }: { kind: LinkKind; jobId: string },
  now: Date,
): { url: string; until: Date } {
  const until = new Date(now.getTime() + LINK_MS);
  const link: Link = { kind, jobId, actor: actor.id, until: until.getTime() };
  return { url: `${config.publicUrl}${LINK_PATH}${signValue(linkSecret, PURPOSE, link)}`, until };
}

/** Answers a link. Throws LinkInvalid, LinkExpired, and what giving out the file refuses. */
export async function serveLink(
  context: ServerContext,
  token: string,
  now: Date,
): Promise<Response> {
  const link = readSigned(context.linkSecret, PURPOSE, token) as Link | undefined;
  if (!link) throw new WaybillError('LinkInvalid');
  const { kind, jobId, until } = link;
  if (until <= now.getTime()) {
    throw new WaybillError('LinkExpired', { at: new Date(until).toISOString() });
  }
  const actor = await actorOfPerson(context.db.read, link.actor.replace(/^person:/, ''));
  if (!actor) throw new WaybillError('LinkInvalid');
  const { content, type, name } = await FILES[kind](context, actor, jobId, now);
  return new Response(content, {
    headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` },
  });
}
