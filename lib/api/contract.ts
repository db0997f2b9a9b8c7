import { z } from 'zod';
import { DELIVERY_STATES } from '../domain/notifications.ts';
import type { Permission } from '../domain/permissions.ts';
import { JOB_STATES, OPTIONS, PEOPLE_ROLES } from '../domain/words.ts';
import * as address from './schemas/address-schemas.ts';
import * as thing from './schemas/device-schemas.ts';
import * as field from './schemas/fields.ts';
import * as job from './schemas/job-schemas.ts';
import * as notification from './schemas/notification-schemas.ts';
import * as people from './schemas/people-schemas.ts';
import * as processing from './schemas/processing-schemas.ts';
import * as store from './schemas/store-schemas.ts';
import * as work from './schemas/work-schemas.ts';

/** A body or an answer that is not JSON. */
export interface Raw {
  raw: string;
  /** Largest body taken, bytes. */
  max: number;
}

/** One route of /api/v1. */
export interface RouteSpec {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1; `{name}` is a part of the path that the caller fills in. */
  path: string;
  summary: string;
  /** Attempts are limited by address: it can be guessed at. */
  limited?: true;
  /** The permission asked for; `signed-in`: whoever is; `anyone`: nobody need be. */
  access: Permission | 'signed-in' | 'anyone';
  query?: z.ZodObject;
  body?: z.ZodType | Raw;
  /** `null`: 204, no content. */
  answer: z.ZodType | Raw | null;
}

const raw = (type: string, max = 0): Raw => ({ raw: type, max });
const page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const ok = null;
const KiB64 = 64 * 1024;
const REPORT_BYTES_MAX = 64 * 1024 ** 3;

/**
 * The whole API: console, agent and tests are typed by this table, the server dispatches by it, and the
 * OpenAPI document is made from it.
 */
// biome-ignore format: one route a line where it fits
export const ROUTES = {
  // Anyone
  health: { method: 'GET', path: '/health', summary: 'Whether the console works, and whether it is set up', access: 'anyone', answer: z.object({ status: z.literal('ok'), version: z.string(), setUp: z.boolean() }) },
  openapi: { method: 'GET', path: '/openapi.json', summary: 'This API as an OpenAPI 3.1 document', access: 'anyone', answer: z.record(z.string(), z.unknown()) },
  caCertificate: { method: 'GET', path: '/ca.pem', summary: 'Certificate of the installation’s authority', access: 'anyone', answer: raw('application/x-pem-file') },
  agentProgram: { method: 'GET', path: '/agent/waybill.mjs', summary: 'The agent in one file: node waybill.mjs', access: 'anyone', answer: raw('text/javascript') },
  setUp: { method: 'POST', path: '/setup', summary: 'Make the first administrator, with the token of the set-up link', access: 'anyone', limited: true, body: people.setupRequest, answer: z.object({ personId: z.string() }) },
  exchangeLogin: { method: 'POST', path: '/login/token', summary: 'Exchange the session of a device login (RFC 8628) for an access token', access: 'anyone', limited: true, body: z.object({ session: z.string().max(200), name: z.string().trim().min(1).max(100) }), answer: z.object({ id: z.string(), token: z.string() }) },

  readInvitation: { method: 'POST', path: '/invitation', summary: 'Whose one-time link it is', access: 'anyone', limited: true, body: people.invitationQuestion, answer: people.invitationAnswer },
  acceptInvitation: { method: 'POST', path: '/invitation/accept', summary: 'Use a one-time link: choose the password of a new person, or another one', access: 'anyone', limited: true, body: people.acceptRequest, answer: z.object({ personId: z.string(), email: z.string() }) },

  // The caller
  me: { method: 'GET', path: '/me', summary: 'Who is calling', access: 'signed-in', answer: people.me },
  options: { method: 'GET', path: '/options', summary: 'The service options and their rules', access: 'signed-in', answer: z.object({ options: z.array(z.object({ option: z.enum(OPTIONS), label: z.string(), summary: z.string(), owner: z.string(), sizes: z.string(), encryption: z.string(), processing: z.boolean(), managedInConsole: z.boolean(), deviceShipsFirst: z.boolean() })) }) },
  sampleProcessing: { method: 'POST', path: '/processing/sample', summary: 'Try processing steps on one small file, before a job is made; code of functions is not run here', access: 'job.create', body: processing.sampleRequest, answer: processing.sampleResult },
  plan: { method: 'GET', path: '/plan', summary: 'How many jobs of which size carry so many bytes', access: 'signed-in', query: z.object({ option: z.enum(OPTIONS), bytes: z.coerce.number().int().positive() }), answer: z.object({ jobs: z.number(), sizeBytes: z.number() }) },

  // Jobs
  createJob: { method: 'POST', path: '/jobs', summary: 'Create a job', access: 'job.create', body: job.jobRequest, answer: job.jobDetail },
  listJobs: { method: 'GET', path: '/jobs', summary: 'Jobs, newest first unless sorted otherwise; pages by number (then with the total), or by `before` and `next`', access: 'job.read', query: page.extend({ ...job.jobQuery.shape, page: z.coerce.number().int().min(1).max(100_000).optional(), before: z.coerce.number().int().optional() }), answer: z.object({ jobs: z.array(job.jobSummary), next: z.number().nullable(), total: z.number().nullable() }) },
  exportJobs: { method: 'GET', path: '/jobs/export.csv', summary: 'The jobs of a list as CSV', access: 'job.read', query: job.jobQuery, answer: raw('text/csv') },
  actOnJobs: { method: 'POST', path: '/jobs/actions', summary: 'Do an action of the lifecycle on many jobs; each is told by itself', access: 'job.read', body: job.bulkRequest, answer: z.object({ results: z.array(job.bulkResult) }) },
  overview: { method: 'GET', path: '/overview', summary: 'What was moved on each of the last 30 days, what is on the move, and devices by state', access: 'job.read', answer: thing.overview },
  jobCounts: { method: 'GET', path: '/jobs/counts', summary: 'How many jobs are in each state, and how many need attention', access: 'job.read', answer: z.object({ states: z.partialRecord(z.enum(JOB_STATES), z.number()), attention: z.number() }) },
  getJob: { method: 'GET', path: '/jobs/{jobId}', summary: 'A job with its device, shipments, incidents and what is possible now', access: 'job.read', answer: job.jobDetail },
  changeJob: { method: 'PATCH', path: '/jobs/{jobId}', summary: 'Change a job that is still created', access: 'job.change', body: job.jobChange, answer: job.jobDetail },
  actOnJob: { method: 'POST', path: '/jobs/{jobId}/actions', summary: 'Do an action of the lifecycle', access: 'job.read', body: job.actionRequest, answer: job.jobDetail },
  getManifest: { method: 'GET', path: '/jobs/{jobId}/manifest', summary: 'Download the manifest (CMS SignedData, DER)', access: 'job.credentials', answer: raw('application/pkcs7-mime') },
  revealUnlockCode: { method: 'POST', path: '/jobs/{jobId}/unlock-code', summary: 'Reveal the unlock code; the custody log records it', access: 'job.credentials', answer: z.object({ unlockCode: z.string() }) },
  stationCredentials: { method: 'POST', path: '/jobs/{jobId}/station-credentials', summary: 'What a station needs for its work on a device', access: 'job.station-credentials', answer: work.stationCredentials },
  putDevice: { method: 'PUT', path: '/jobs/{jobId}/device', summary: 'Give a job its device', access: 'job.handle-at-facility', body: z.object({ deviceId: field.chosenId }), answer: job.jobDetail },
  devicePrepared: { method: 'POST', path: '/jobs/{jobId}/prepared', summary: 'The label of the job is on the device', access: 'job.handle-at-facility', answer: job.jobDetail },
  deviceErased: { method: 'POST', path: '/jobs/{jobId}/erased', summary: 'The device has been erased', access: 'job.handle-at-facility', body: z.object({ files: z.number().int().nonnegative(), bytes: z.number().int().nonnegative(), method: z.string().max(300) }), answer: job.jobDetail },
  sendEvent: { method: 'POST', path: '/jobs/{jobId}/events', summary: 'Tell how a copy, import or export goes', access: 'job.report-copy', body: work.agentEvent, answer: ok },
  listJobEvents: { method: 'GET', path: '/jobs/{jobId}/events', summary: 'Events of a job, oldest first', access: 'job.read', query: page.extend({ after: z.coerce.number().int().default(0) }), answer: z.object({ events: z.array(work.eventRow) }) },
  putSealReceipt: { method: 'PUT', path: '/jobs/{jobId}/seal-receipt', summary: 'Hand in the receipt that proves the seal (CMS SignedData, DER)', access: 'job.report-copy', body: raw('application/pkcs7-mime', KiB64), answer: job.jobDetail },
  reopened: { method: 'POST', path: '/jobs/{jobId}/reopened', summary: 'The seal was taken off at the site', access: 'job.report-copy', answer: job.jobDetail },
  putReport: { method: 'PUT', path: '/jobs/{jobId}/report/{file}', summary: 'Hand in a file of the completion report; summary.json comes last', access: 'job.report-import', body: raw('application/octet-stream', REPORT_BYTES_MAX), answer: ok },
  getReport: { method: 'GET', path: '/jobs/{jobId}/report/{file}', summary: 'Download a file of the completion report', access: 'job.read', answer: raw('application/octet-stream') },
  jobCustody: { method: 'GET', path: '/jobs/{jobId}/custody', summary: 'Custody log of a job', access: 'audit.read', answer: z.object({ entries: z.array(work.custodyRow) }) },
  reportIncident: { method: 'POST', path: '/jobs/{jobId}/incidents', summary: 'Report what went wrong', access: 'job.incident', body: job.incidentRequest, answer: job.jobDetail },
  resolveIncident: { method: 'POST', path: '/jobs/{jobId}/incidents/resolve', summary: 'Resolve the open incidents', access: 'job.resolve-incident', body: job.resolveRequest, answer: job.jobDetail },
  addScan: { method: 'POST', path: '/jobs/{jobId}/scans', summary: 'Note where the device was seen on its way', access: 'job.incident', body: job.scanRequest, answer: ok },
  returnLabel: { method: 'GET', path: '/jobs/{jobId}/return-label', summary: 'The return label, once the volume is sealed', access: 'job.handle-at-site', answer: job.returnLabel },
  jobProgress: { method: 'GET', path: '/jobs/{jobId}/progress', summary: 'How the phases of its copy, import or export went, as series for a chart', access: 'job.read', answer: z.object({ series: z.array(work.progressSeries) }) },
  listReportRows: { method: 'GET', path: '/jobs/{jobId}/report/{file}/rows', summary: 'Lines of a log of the completion report that hold a text, from an offset on', access: 'job.read', query: page.extend({ after: z.coerce.number().int().nonnegative().default(0), text: z.string().max(200).default('') }), answer: z.object({ rows: z.array(work.reportRow), next: z.number().nullable(), searchedBytes: field.bytes, totalBytes: field.bytes }) },
  getLabel: { method: 'GET', path: '/jobs/{jobId}/label.pdf', summary: 'Label of a shipment leg (PDF, 4 × 6 inches); of the way back once the volume is sealed', access: 'job.labels', query: job.paperQuery, answer: raw('application/pdf') },
  getPackingSlip: { method: 'GET', path: '/jobs/{jobId}/packing-slip.pdf', summary: 'Packing slip of a shipment leg (PDF, A4), released as its label', access: 'job.labels', query: job.paperQuery, answer: raw('application/pdf') },
  claimWork: { method: 'POST', path: '/jobs/{jobId}/lease', summary: 'Claim a station’s work on a job', access: 'job.handle-at-facility', body: work.workRequest, answer: work.leaseRow },
  renewLease: { method: 'PUT', path: '/jobs/{jobId}/lease/{leaseId}', summary: 'The station is alive', access: 'job.handle-at-facility', answer: work.leaseRow },
  releaseLease: { method: 'DELETE', path: '/jobs/{jobId}/lease/{leaseId}', summary: 'The work is done or given up', access: 'job.handle-at-facility', answer: ok },

  // Things
  listDevices: { method: 'GET', path: '/devices', summary: 'Devices by their ids, and how many there are', access: 'device.read', query: page.extend({ after: z.string().max(64).optional(), ...thing.deviceFilter.shape }), answer: z.object({ devices: z.array(thing.deviceDetail), next: z.string().nullable(), total: z.number() }) },
  getDevice: { method: 'GET', path: '/devices/{deviceId}', summary: 'A device, where it is and what can be done with it', access: 'device.read', answer: thing.deviceDetail },
  addDevice: { method: 'POST', path: '/devices', summary: 'Add a device of the provider', access: 'device.manage', body: thing.deviceRequest, answer: thing.deviceDetail },
  changeDevice: { method: 'PATCH', path: '/devices/{deviceId}', summary: 'Change the note of a device; its state and capacity while no job needs it', access: 'device.manage', body: thing.deviceChange, answer: thing.deviceDetail },
  listStores: { method: 'GET', path: '/stores', summary: 'Stores, and how many jobs use each', access: 'store.read', answer: z.object({ stores: z.array(store.listedStore) }) },
  addStore: { method: 'POST', path: '/stores', summary: 'Add a store', access: 'store.manage', body: store.storeRequest, answer: store.storeRow },
  changeStore: { method: 'PATCH', path: '/stores/{storeId}', summary: 'Change a store', access: 'store.manage', body: store.storeChange, answer: store.storeRow },
  checkStore: { method: 'POST', path: '/stores/{storeId}/check', summary: 'Try each right that Waybill needs in a bucket, from the console’s host', access: 'store.read', body: store.bucketRequest, answer: store.storeCheck },
  makeBucket: { method: 'POST', path: '/stores/{storeId}/buckets', summary: 'Make a bucket in a store', access: 'store.manage', body: store.bucketRequest, answer: ok },
  changeStoreCredentials: { method: 'PUT', path: '/stores/{storeId}/credentials', summary: 'Give a store behind an endpoint another key pair', access: 'store.manage', body: store.storeCredentials, answer: ok },

  // Addresses
  listAddresses: { method: 'GET', path: '/addresses', summary: 'Addresses, newest first', access: 'address.read', query: page.extend({ before: z.coerce.number().int().optional(), archived: z.enum(['true', 'false']).optional(), text: z.string().max(100).optional() }), answer: z.object({ addresses: z.array(address.addressRow), next: z.number().nullable() }) },
  getAddress: { method: 'GET', path: '/addresses/{addressId}', summary: 'An address', access: 'address.read', answer: address.addressRow },
  addAddress: { method: 'POST', path: '/addresses', summary: 'Add an address', access: 'address.manage', body: address.addressFields, answer: address.addressRow },
  changeAddress: { method: 'PATCH', path: '/addresses/{addressId}', summary: 'Change an address, or archive it; what was shipped keeps the text of its time', access: 'address.manage', body: address.addressChange, answer: address.addressRow },
  facilityAddress: { method: 'GET', path: '/settings/facility-address', summary: 'Where the facility is', access: 'address.read', answer: z.object({ address: address.addressText.nullable() }) },
  setFacilityAddress: { method: 'PUT', path: '/settings/facility-address', summary: 'Tell where the facility is', access: 'settings.manage', body: address.addressFields, answer: z.object({ address: address.addressText.nullable() }) },

  // Notifications
  listTargets: { method: 'GET', path: '/notifications/targets', summary: 'Webhooks and mail addresses that are told what happens to jobs', access: 'notification.read', answer: z.object({ targets: z.array(notification.targetRow) }) },
  addTarget: { method: 'POST', path: '/notifications/targets', summary: 'Add a webhook (Standard Webhooks) or a mail address; the secret is shown once', access: 'settings.manage', body: notification.targetRequest, answer: notification.targetRow.extend(notification.targetSecret.shape) },
  changeTarget: { method: 'PATCH', path: '/notifications/targets/{targetId}', summary: 'Change, disable or enable a target', access: 'settings.manage', body: notification.targetChange, answer: notification.targetRow },
  removeTarget: { method: 'DELETE', path: '/notifications/targets/{targetId}', summary: 'Remove a target; what waits for it is not sent', access: 'settings.manage', answer: ok },
  renewTargetSecret: { method: 'POST', path: '/notifications/targets/{targetId}/secret', summary: 'Make a new secret for a webhook; it is shown once', access: 'settings.manage', answer: notification.targetSecret },
  testTarget: { method: 'POST', path: '/notifications/targets/{targetId}/test', summary: 'Send a test message at once', access: 'settings.manage', answer: notification.deliveryRow },
  listDeliveries: { method: 'GET', path: '/notifications/deliveries', summary: 'Messages and how their delivery went, newest first', access: 'notification.read', query: page.extend({ before: z.coerce.number().int().optional(), targetId: z.string().max(64).optional(), jobId: z.string().max(64).optional(), state: z.enum(DELIVERY_STATES).optional() }), answer: z.object({ deliveries: z.array(notification.deliveryRow), next: z.number().nullable() }) },
  redeliver: { method: 'POST', path: '/notifications/deliveries/{deliveryId}/redeliver', summary: 'Send a message again at once', access: 'settings.manage', answer: notification.deliveryRow },
  notificationSettings: { method: 'GET', path: '/settings/notifications', summary: 'Mail server, and where webhooks may go', access: 'settings.manage', answer: notification.notificationSettings },
  changeNotificationSettings: { method: 'PATCH', path: '/settings/notifications', summary: 'Change mail server, and where webhooks may go', access: 'settings.manage', body: notification.notificationSettingsChange, answer: notification.notificationSettings },

  // People and tokens
  listPeople: { method: 'GET', path: '/people', summary: 'People', access: 'people.read', answer: z.object({ people: z.array(people.personRow) }) },
  addPerson: { method: 'POST', path: '/people', summary: 'Add a person', access: 'people.manage', body: people.personRequest, answer: people.personRow },
  changePerson: { method: 'PATCH', path: '/people/{personId}', summary: 'Change a person; a new password or role ends their sessions', access: 'people.manage', body: people.personChange, answer: people.personRow },
  listInvitations: { method: 'GET', path: '/people/invitations', summary: 'One-time links that can still be used', access: 'people.manage', answer: z.object({ invitations: z.array(people.invitationRow) }) },
  invitePerson: { method: 'POST', path: '/people/invitations', summary: 'Invite a person by a one-time link; it is mailed, or shown once', access: 'people.manage', body: people.inviteRequest, answer: people.issuedLink },
  revokeInvitation: { method: 'DELETE', path: '/people/invitations/{invitationId}', summary: 'Make a one-time link void', access: 'people.manage', answer: ok },
  offerNewPassword: { method: 'POST', path: '/people/{personId}/password-link', summary: 'A one-time link by which a person chooses a new password', access: 'people.manage', answer: people.issuedLink },
  endSessionsOf: { method: 'DELETE', path: '/people/{personId}/sessions', summary: 'End all sessions of a person', access: 'people.manage', answer: ok },
  listSessions: { method: 'GET', path: '/sessions', summary: 'Open sessions: the caller’s own; for administrators those of a person', access: 'token.own', query: z.object({ personId: z.string().max(200).optional() }), answer: z.object({ sessions: z.array(people.sessionRow) }) },
  endSession: { method: 'DELETE', path: '/sessions/{sessionId}', summary: 'End a session: one’s own; for administrators any', access: 'token.own', answer: ok },
  listTokens: { method: 'GET', path: '/tokens', summary: 'The caller’s tokens; for administrators those of stations too', access: 'token.own', answer: z.object({ tokens: z.array(people.tokenRow) }) },
  createToken: { method: 'POST', path: '/tokens', summary: 'Make an access token; it is shown once', access: 'token.own', body: people.tokenRequest, answer: z.object({ id: z.string(), token: z.string() }) },
  revokeToken: { method: 'DELETE', path: '/tokens/{tokenId}', summary: 'Revoke a token; {tokenId} may be "current"', access: 'token.own', answer: ok },
  listAccessKeys: { method: 'GET', path: '/access-keys', summary: 'The caller’s access keys for signed requests', access: 'token.own', answer: z.object({ accessKeys: z.array(people.accessKeyRow) }) },
  createAccessKey: { method: 'POST', path: '/access-keys', summary: 'Make an access key; its secret is shown once', access: 'token.own', body: people.accessKeyRequest, answer: z.object({ id: z.string(), secret: z.string() }) },
  revokeAccessKey: { method: 'DELETE', path: '/access-keys/{keyId}', summary: 'Revoke an access key', access: 'token.own', answer: ok },

  // The installation
  listCustody: { method: 'GET', path: '/audit', summary: 'The custody log, newest first, with the names of people in it', access: 'audit.read', query: page.extend({ before: z.coerce.number().int().optional(), ...work.custodyFilter.shape }), answer: z.object({ entries: z.array(work.custodyRow), names: z.record(z.string(), z.string()), next: z.number().nullable() }) },
  exportCustody: { method: 'GET', path: '/audit/export', summary: 'The custody log as JSON Lines, oldest first', access: 'audit.read', query: work.custodyFilter, answer: raw('application/x-ndjson') },
  verifyCustody: { method: 'GET', path: '/audit/verify', summary: 'Check the whole hash chain of the custody log', access: 'audit.read', answer: z.object({ entries: z.number(), brokenAt: z.number().nullable(), head: z.string() }) },
  events: { method: 'GET', path: '/events', summary: 'Live events (text/event-stream); resumes after Last-Event-ID', access: 'job.read', query: z.object({ after: z.coerce.number().int().optional(), jobId: z.string().max(64).optional() }), answer: raw('text/event-stream') },
  roles: { method: 'GET', path: '/roles', summary: 'Who may do what', access: 'signed-in', answer: z.object({ permissions: z.record(z.string(), z.array(z.string())), roles: z.array(z.enum(PEOPLE_ROLES)) }) },
} as const satisfies Record<string, RouteSpec>;

export type RouteName = keyof typeof ROUTES;
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];
/** A route without the particulars of its type. */
export const routeSpec = (name: RouteName): RouteSpec => ROUTES[name];

type PathNames<P extends string> = P extends `${string}{${infer N}}${infer Rest}`
  ? N | PathNames<Rest>
  : never;
/** What the path of a route asks for. */
export type ParamsOf<N extends RouteName> = Record<PathNames<(typeof ROUTES)[N]['path']>, string>;

type BodySpec<N extends RouteName> = (typeof ROUTES)[N] extends { body: infer B } ? B : undefined;
type QuerySpec<N extends RouteName> = (typeof ROUTES)[N] extends { query: infer Q } ? Q : undefined;
/** What a caller sends. */
export type BodyInput<N extends RouteName> =
  BodySpec<N> extends z.ZodType
    ? z.input<BodySpec<N>>
    : BodySpec<N> extends Raw
      ? BodyInit
      : undefined;
/** What a handler gets. */
export type BodyOutput<N extends RouteName> =
  BodySpec<N> extends z.ZodType
    ? z.output<BodySpec<N>>
    : BodySpec<N> extends Raw
      ? ReadableStream<Uint8Array>
      : undefined;
export type QueryInput<N extends RouteName> =
  QuerySpec<N> extends z.ZodType ? z.input<QuerySpec<N>> : undefined;
export type QueryOutput<N extends RouteName> =
  QuerySpec<N> extends z.ZodType ? z.output<QuerySpec<N>> : undefined;
/** What a JSON answer holds. */
export type AnswerOf<N extends RouteName> = (typeof ROUTES)[N]['answer'] extends z.ZodType
  ? z.output<(typeof ROUTES)[N]['answer']>
  : (typeof ROUTES)[N]['answer'] extends Raw
    ? Raw
    : null;

export const isRaw = (value: z.ZodType | Raw | null | undefined): value is Raw =>
  value !== null && value !== undefined && 'raw' in value;

export const API_BASE = '/api/v1';
