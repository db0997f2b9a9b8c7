import { z } from 'zod';
import { DELIVERY_STATES } from '../domain/notifications.ts';
import type { Permission } from '../domain/permissions.ts';
import { JOB_STATES, OPTIONS, PEOPLE_ROLES } from '../domain/words.ts';
import * as address from './schemas/address-schemas.ts';
import * as device from './schemas/device-schemas.ts';
import * as evidence from './schemas/evidence-schemas.ts';
import * as field from './schemas/fields.ts';
import * as job from './schemas/job-schemas.ts';
import * as notification from './schemas/notification-schemas.ts';
import * as people from './schemas/people-schemas.ts';
import * as processing from './schemas/processing-schemas.ts';
import * as store from './schemas/store-schemas.ts';
import * as work from './schemas/work-schemas.ts';
import { type RouteName, WIRE, type Wire } from './wire.ts';

/** A body or an answer that is not JSON. */
export interface Raw {
  raw: string;
  /** Largest body taken, bytes. */
  max: number;
}

/** One route of /api/v1. */
export interface RouteSpec extends Wire {
  summary: string;
  /** Attempts are limited by address: it can be guessed at. */
  limited?: true;
  /** Programs of another version report here: members that are not known are left out, not refused. */
  lenient?: true;
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
  health: { ...WIRE.health, summary: 'Whether the console works, and whether it is set up', access: 'anyone', answer: z.object({ status: z.literal('ok'), version: z.string(), setUp: z.boolean() }) },
  openapi: { ...WIRE.openapi, summary: 'This API as an OpenAPI 3.1 document', access: 'anyone', answer: z.record(z.string(), z.unknown()) },
  caCertificate: { ...WIRE.caCertificate, summary: 'Certificate of the installation’s authority', access: 'anyone', answer: raw('application/x-pem-file') },
  agentProgram: { ...WIRE.agentProgram, summary: 'The agent in one file: node waybill.mjs', access: 'anyone', answer: raw('text/javascript') },
  setUp: { ...WIRE.setUp, summary: 'Make the first administrator, with the token of the set-up link', access: 'anyone', limited: true, body: people.setupRequest, answer: z.object({ personId: z.string() }) },
  exchangeLogin: { ...WIRE.exchangeLogin, summary: 'Exchange the session of a device login (RFC 8628) for an access token', access: 'anyone', limited: true, body: z.object({ session: z.string().max(200), name: z.string().trim().min(1).max(100) }), answer: z.object({ id: z.string(), token: z.string() }) },

  readInvitation: { ...WIRE.readInvitation, summary: 'Whose one-time link it is', access: 'anyone', limited: true, body: people.invitationQuestion, answer: people.invitationAnswer },
  acceptInvitation: { ...WIRE.acceptInvitation, summary: 'Use a one-time link: choose the password of a new person, or another one', access: 'anyone', limited: true, body: people.acceptRequest, answer: z.object({ personId: z.string(), email: z.string() }) },

  // The caller
  me: { ...WIRE.me, summary: 'Who is calling', access: 'signed-in', answer: people.me },
  options: { ...WIRE.options, summary: 'The service options and their rules', access: 'signed-in', answer: z.object({ options: z.array(z.object({ option: z.enum(OPTIONS), label: z.string(), summary: z.string(), owner: z.string(), sizes: z.string(), encryption: z.string(), processing: z.boolean(), managedInConsole: z.boolean(), deviceShipsFirst: z.boolean() })) }) },
  sampleProcessing: { ...WIRE.sampleProcessing, summary: 'Try processing steps on one small file, before a job is made; code of functions is not run here', access: 'job.create', body: processing.sampleRequest, answer: processing.sampleResult },
  plan: { ...WIRE.plan, summary: 'How many jobs of which size carry so many bytes', access: 'signed-in', query: z.object({ option: z.enum(OPTIONS), bytes: z.coerce.number().int().positive() }), answer: z.object({ jobs: z.number(), sizeBytes: z.number() }) },

  // Jobs
  createJob: { ...WIRE.createJob, summary: 'Create a job', access: 'job.create', body: job.jobRequest, answer: job.jobDetail },
  listJobs: { ...WIRE.listJobs, summary: 'Jobs, newest first unless sorted otherwise; pages by number (then with the total), or by `before` and `next`', access: 'job.read', query: page.extend({ ...job.jobQuery.shape, page: z.coerce.number().int().min(1).max(100_000).optional(), before: z.coerce.number().int().optional() }), answer: z.object({ jobs: z.array(job.jobSummary), next: z.number().nullable(), total: z.number().nullable() }) },
  exportJobs: { ...WIRE.exportJobs, summary: 'The jobs of a list as CSV', access: 'job.read', query: job.jobQuery, answer: raw('text/csv') },
  actOnJobs: { ...WIRE.actOnJobs, summary: 'Do an action of the lifecycle on many jobs; each is told by itself', access: 'job.read', body: job.bulkRequest, answer: z.object({ results: z.array(job.bulkResult) }) },
  overview: { ...WIRE.overview, summary: 'What was moved on each of the last 30 days, what is on the move, and devices by state', access: 'job.read', answer: device.overview },
  jobCounts: { ...WIRE.jobCounts, summary: 'How many jobs are in each state, and how many need attention', access: 'job.read', answer: z.object({ states: z.partialRecord(z.enum(JOB_STATES), z.number()), attention: z.number() }) },
  getJob: { ...WIRE.getJob, summary: 'A job with its device, shipments, incidents and what is possible now', access: 'job.read', answer: job.jobDetail },
  changeJob: { ...WIRE.changeJob, summary: 'Change a job that is still created', access: 'job.change', body: job.jobChange, answer: job.jobDetail },
  actOnJob: { ...WIRE.actOnJob, summary: 'Do an action of the lifecycle', access: 'job.read', body: job.actionRequest, answer: job.jobDetail },
  getManifest: { ...WIRE.getManifest, summary: 'Download the manifest (CMS SignedData, DER)', access: 'job.credentials', answer: raw('application/pkcs7-mime') },
  revealUnlockCode: { ...WIRE.revealUnlockCode, summary: 'Reveal the unlock code; the custody log records it', access: 'job.credentials', answer: z.object({ unlockCode: z.string() }) },
  stationCredentials: { ...WIRE.stationCredentials, summary: 'What a station needs for its work on a device', access: 'job.station-credentials', answer: work.stationCredentials },
  putStoreMarker: { ...WIRE.putStoreMarker, summary: 'By what a station knows the bucket of its job again; the first one counts', access: 'job.work-as-station', lenient: true, body: store.markerNote, answer: store.markerNote },
  putRangeSum: { ...WIRE.putRangeSum, summary: 'What a station found in the range of an export', access: 'job.work-as-station', lenient: true, body: job.rangeSum, answer: job.jobDetail },
  sumRange: { ...WIRE.sumRange, summary: 'List the range of an export from the console, and keep what it holds', access: 'job.change', answer: job.jobDetail },
  splitJob: { ...WIRE.splitJob, summary: 'Make a job of each part of an export that does not fit on one device; the job itself becomes the first', access: 'job.change', body: job.splitRequest, answer: z.object({ jobs: z.array(z.object({ id: z.string(), name: z.string(), ...job.rangeSum.shape })) }) },
  putDevice: { ...WIRE.putDevice, summary: 'Give a job its device', access: 'job.handle-at-facility', lenient: true, body: z.object({ deviceId: field.chosenId, measure: device.deviceMeasure.optional() }), answer: job.jobDetail },
  devicePrepared: { ...WIRE.devicePrepared, summary: 'The label of the job is on the device', access: 'job.work-as-station', answer: job.jobDetail },
  deviceProved: { ...WIRE.deviceProved, summary: 'The seal of the device is verified, and is the one that is known', access: 'job.station-credentials', lenient: true, body: work.proofRequest, answer: job.jobDetail },
  deviceErased: { ...WIRE.deviceErased, summary: 'The device has been erased', access: 'job.work-as-station', lenient: true, body: work.erasedRequest, answer: job.jobDetail },
  sendEvent: { ...WIRE.sendEvent, summary: 'Tell how a copy, import or export goes', access: 'job.report-copy', lenient: true, body: work.agentEvent, answer: ok },
  listJobEvents: { ...WIRE.listJobEvents, summary: 'Events of a job, oldest first', access: 'job.read', query: page.extend({ after: z.coerce.number().int().default(0) }), answer: z.object({ events: z.array(work.eventRow) }) },
  putSealReceipt: { ...WIRE.putSealReceipt, summary: 'Hand in the receipt that proves the seal (CMS SignedData, DER)', access: 'job.report-copy', body: raw(WIRE.putSealReceipt.sends, KiB64), answer: job.jobDetail },
  reopened: { ...WIRE.reopened, summary: 'The seal was taken off at the site', access: 'job.report-copy', answer: job.jobDetail },
  putReport: { ...WIRE.putReport, summary: 'Hand in a file of the completion report; summary.json comes last', access: 'job.report-import', body: raw(WIRE.putReport.sends, REPORT_BYTES_MAX), answer: ok },
  getReport: { ...WIRE.getReport, summary: 'Download a file of the completion report', access: 'job.read', answer: raw('application/octet-stream') },
  jobCustody: { ...WIRE.jobCustody, summary: 'Custody log of a job', access: 'audit.read', answer: z.object({ entries: z.array(work.custodyRow) }) },
  reportIncident: { ...WIRE.reportIncident, summary: 'Report what went wrong', access: 'job.incident', body: job.incidentRequest, answer: job.jobDetail },
  resolveIncident: { ...WIRE.resolveIncident, summary: 'Resolve the open incidents', access: 'job.resolve-incident', body: job.resolveRequest, answer: job.jobDetail },
  jobLosses: { ...WIRE.jobLosses, summary: 'What of a device is not in the store by the report that stands, and the name of its list', access: 'job.read', answer: evidence.losses },
  acceptLosses: { ...WIRE.acceptLosses, summary: 'Accept the loss of what a failure log names; the device can be erased after the grace time', access: 'job.accept-losses', body: evidence.acceptRequest, answer: job.jobDetail },
  retryFailed: { ...WIRE.retryFailed, summary: 'Have the failed objects of an import tried again by the station that has the device', access: 'job.retry-failed', answer: job.jobDetail },
  confirmRestored: { ...WIRE.confirmRestored, summary: 'Confirm that an export may be erased although its restore was not reported as done', access: 'job.confirm-restored', body: evidence.decisionRequest, answer: job.jobDetail },
  destroyKey: { ...WIRE.destroyKey, summary: 'Destroy the key of a job whose device is gone and whose data has arrived: no copy of its volume can be read any more', access: 'job.destroy-key', body: evidence.decisionRequest, answer: job.jobDetail },
  allowErase: { ...WIRE.allowErase, summary: 'Allow to erase a device that can never be verified; its certificate says so', access: 'device.erase-unverified', body: evidence.decisionRequest, answer: job.jobDetail },
  addScan: { ...WIRE.addScan, summary: 'Note where the device was seen on its way', access: 'job.incident', body: job.scanRequest, answer: ok },
  enterSeals: { ...WIRE.enterSeals, summary: 'Compare the tamper seals of a device that has arrived with those that it left with; a difference is an incident', access: 'job.incident', body: job.sealsRequest, answer: job.jobDetail },
  returnLabel: { ...WIRE.returnLabel, summary: 'The return label, once the volume is sealed', access: 'job.handle-at-site', answer: job.returnLabel },
  jobProgress: { ...WIRE.jobProgress, summary: 'How the phases of its copy, import or export went, as series for a chart', access: 'job.read', answer: z.object({ series: z.array(work.progressSeries) }) },
  listReportRows: { ...WIRE.listReportRows, summary: 'Lines of a log of the completion report that hold a text, from an offset on', access: 'job.read', query: page.extend({ after: z.coerce.number().int().nonnegative().default(0), text: z.string().max(200).default('') }), answer: z.object({ rows: z.array(work.reportRow), next: z.number().nullable(), searchedBytes: field.bytes, totalBytes: field.bytes }) },
  getLabel: { ...WIRE.getLabel, summary: 'Label of a shipment leg (PDF, 4 × 6 inches); of the way back once the volume is sealed', access: 'job.labels', query: job.paperQuery, answer: raw('application/pdf') },
  getPackingSlip: { ...WIRE.getPackingSlip, summary: 'Packing slip of a shipment leg (PDF, A4), released as its label', access: 'job.labels', query: job.paperQuery, answer: raw('application/pdf') },
  getTransferProof: { ...WIRE.getTransferProof, summary: 'The proof of a job’s transfer: one tar file of logs, custody entries and what the authority signs over them', access: 'audit.read', answer: raw('application/x-tar') },
  getErasureCertificate: { ...WIRE.getErasureCertificate, summary: 'The signed certificate of the erasure of a job’s device (CMS SignedData, DER)', access: 'job.read', answer: raw('application/pkcs7-mime') },
  getErasurePaper: { ...WIRE.getErasurePaper, summary: 'The same for people (PDF)', access: 'job.read', answer: raw('application/pdf') },
  claimWork: { ...WIRE.claimWork, summary: 'Claim a station’s work on a job', access: 'job.work-as-station', lenient: true, body: work.workRequest, answer: work.leaseRow },
  renewLease: { ...WIRE.renewLease, summary: 'The station is alive', access: 'job.work-as-station', answer: work.leaseRow },
  releaseLease: { ...WIRE.releaseLease, summary: 'The work is done or given up', access: 'job.work-as-station', answer: ok },

  // Things
  listDevices: { ...WIRE.listDevices, summary: 'Devices by their ids, and how many there are', access: 'device.read', query: page.extend({ after: z.string().max(64).optional(), ...device.deviceFilter.shape }), answer: z.object({ devices: z.array(device.deviceDetail), next: z.string().nullable(), total: z.number() }) },
  getDevice: { ...WIRE.getDevice, summary: 'A device, where it is and what can be done with it', access: 'device.read', answer: device.deviceDetail },
  addDevice: { ...WIRE.addDevice, summary: 'Add a device of the provider', access: 'device.manage', body: device.deviceRequest, answer: device.deviceDetail },
  changeDevice: { ...WIRE.changeDevice, summary: 'Change the note of a device; its state and capacity while no job needs it', access: 'device.manage', body: device.deviceChange, answer: device.deviceDetail },
  listErasures: { ...WIRE.listErasures, summary: 'The erasures of a device, newest first; each has its certificate, by its job', access: 'device.read', answer: z.object({ erasures: z.array(device.erasureRow) }) },
  listStores: { ...WIRE.listStores, summary: 'Stores, and how many jobs use each', access: 'store.read', answer: z.object({ stores: z.array(store.listedStore) }) },
  addStore: { ...WIRE.addStore, summary: 'Add a store', access: 'store.manage', body: store.storeRequest, answer: store.storeRow },
  changeStore: { ...WIRE.changeStore, summary: 'Change a store', access: 'store.manage', body: store.storeChange, answer: store.storeRow },
  checkStore: { ...WIRE.checkStore, summary: 'Try each right that Waybill needs in a bucket, from the console’s host', access: 'store.check', body: store.bucketRequest, answer: store.storeCheck },
  makeBucket: { ...WIRE.makeBucket, summary: 'Make a bucket in a store', access: 'store.manage', body: store.bucketRequest, answer: ok },
  changeStoreCredentials: { ...WIRE.changeStoreCredentials, summary: 'Give a store behind an endpoint another key pair', access: 'store.manage', body: store.storeCredentials, answer: ok },

  // Functions
  listFunctions: { ...WIRE.listFunctions, summary: 'Functions that are kept by name, for jobs that name them, and how many jobs have their code', access: 'job.read', answer: z.object({ functions: z.array(processing.listedFunction) }) },
  getFunction: { ...WIRE.getFunction, summary: 'One function, with its code', access: 'job.read', answer: processing.functionWithCode },
  keepFunction: { ...WIRE.keepFunction, summary: 'Keep a function under a name, in place of one that had it; jobs that exist stay as they are', access: 'job.create', body: processing.functionRequest, answer: processing.functionRow },
  removeFunction: { ...WIRE.removeFunction, summary: 'Forget a function; jobs keep their copy', access: 'job.create', answer: ok },

  // Addresses
  listAddresses: { ...WIRE.listAddresses, summary: 'Addresses, newest first', access: 'address.read', query: page.extend({ before: z.coerce.number().int().optional(), archived: z.enum(['true', 'false']).optional(), text: z.string().max(100).optional() }), answer: z.object({ addresses: z.array(address.addressRow), next: z.number().nullable() }) },
  getAddress: { ...WIRE.getAddress, summary: 'An address', access: 'address.read', answer: address.addressRow },
  addAddress: { ...WIRE.addAddress, summary: 'Add an address', access: 'address.manage', body: address.addressFields, answer: address.addressRow },
  changeAddress: { ...WIRE.changeAddress, summary: 'Change an address, or archive it; what was shipped keeps the text of its time', access: 'address.manage', body: address.addressChange, answer: address.addressRow },
  facilityAddress: { ...WIRE.facilityAddress, summary: 'Where the facility is', access: 'address.read', answer: z.object({ address: address.addressText.nullable() }) },
  setFacilityAddress: { ...WIRE.setFacilityAddress, summary: 'Tell where the facility is', access: 'settings.manage', body: address.addressFields, answer: z.object({ address: address.addressText.nullable() }) },

  // Notifications
  listTargets: { ...WIRE.listTargets, summary: 'Webhooks and mail addresses that are told what happens to jobs', access: 'notification.read', answer: z.object({ targets: z.array(notification.targetRow) }) },
  addTarget: { ...WIRE.addTarget, summary: 'Add a webhook (Standard Webhooks) or a mail address; the secret is shown once', access: 'settings.manage', body: notification.targetRequest, answer: notification.targetRow.extend(notification.targetSecret.shape) },
  changeTarget: { ...WIRE.changeTarget, summary: 'Change, disable or enable a target', access: 'settings.manage', body: notification.targetChange, answer: notification.targetRow },
  removeTarget: { ...WIRE.removeTarget, summary: 'Remove a target; what waits for it is not sent', access: 'settings.manage', answer: ok },
  renewTargetSecret: { ...WIRE.renewTargetSecret, summary: 'Make a new secret for a webhook; it is shown once', access: 'settings.manage', answer: notification.targetSecret },
  testTarget: { ...WIRE.testTarget, summary: 'Send a test message at once', access: 'settings.manage', answer: notification.deliveryRow },
  listDeliveries: { ...WIRE.listDeliveries, summary: 'Messages and how their delivery went, newest first', access: 'notification.read', query: page.extend({ before: z.coerce.number().int().optional(), targetId: z.string().max(64).optional(), jobId: z.string().max(64).optional(), state: z.enum(DELIVERY_STATES).optional() }), answer: z.object({ deliveries: z.array(notification.deliveryRow), next: z.number().nullable() }) },
  redeliver: { ...WIRE.redeliver, summary: 'Send a message again at once', access: 'settings.manage', answer: notification.deliveryRow },
  erasingSettings: { ...WIRE.erasingSettings, summary: 'How long a device is kept after losses were accepted', access: 'job.read', answer: evidence.erasingSettings },
  sealSettings: { ...WIRE.sealSettings, summary: 'Whether an import waits until the tamper seals noted at departure are compared', access: 'job.read', answer: evidence.sealSettings },
  changeSealSettings: { ...WIRE.changeSealSettings, summary: 'Change whether an import waits until tamper seals are compared', access: 'settings.manage', body: evidence.sealSettings, answer: evidence.sealSettings },
  changeErasingSettings: { ...WIRE.changeErasingSettings, summary: 'Change how long a device is kept after losses were accepted', access: 'settings.manage', body: evidence.erasingSettings, answer: evidence.erasingSettings },
  notificationSettings: { ...WIRE.notificationSettings, summary: 'Mail server, and where webhooks may go', access: 'settings.manage', answer: notification.notificationSettings },
  changeNotificationSettings: { ...WIRE.changeNotificationSettings, summary: 'Change mail server, and where webhooks may go', access: 'settings.manage', body: notification.notificationSettingsChange, answer: notification.notificationSettings },

  // People and tokens
  listPeople: { ...WIRE.listPeople, summary: 'People', access: 'people.read', answer: z.object({ people: z.array(people.personRow) }) },
  addPerson: { ...WIRE.addPerson, summary: 'Add a person', access: 'people.manage', body: people.personRequest, answer: people.personRow },
  changePerson: { ...WIRE.changePerson, summary: 'Change a person; a new password or role ends their sessions', access: 'people.manage', body: people.personChange, answer: people.personRow },
  listInvitations: { ...WIRE.listInvitations, summary: 'One-time links that can still be used', access: 'people.manage', answer: z.object({ invitations: z.array(people.invitationRow) }) },
  invitePerson: { ...WIRE.invitePerson, summary: 'Invite a person by a one-time link; it is mailed, or shown once', access: 'people.manage', body: people.inviteRequest, answer: people.issuedLink },
  revokeInvitation: { ...WIRE.revokeInvitation, summary: 'Make a one-time link void', access: 'people.manage', answer: ok },
  offerNewPassword: { ...WIRE.offerNewPassword, summary: 'A one-time link by which a person chooses a new password', access: 'people.manage', answer: people.issuedLink },
  endSessionsOf: { ...WIRE.endSessionsOf, summary: 'End all sessions of a person', access: 'people.manage', answer: ok },
  listSessions: { ...WIRE.listSessions, summary: 'Open sessions: the caller’s own; for administrators those of a person', access: 'token.own', query: z.object({ personId: z.string().max(200).optional() }), answer: z.object({ sessions: z.array(people.sessionRow) }) },
  endSession: { ...WIRE.endSession, summary: 'End a session: one’s own; for administrators any', access: 'token.own', answer: ok },
  listTokens: { ...WIRE.listTokens, summary: 'The caller’s tokens; for administrators those of stations too', access: 'token.own', answer: z.object({ tokens: z.array(people.tokenRow) }) },
  createToken: { ...WIRE.createToken, summary: 'Make an access token; it is shown once', access: 'token.own', body: people.tokenRequest, answer: z.object({ id: z.string(), token: z.string() }) },
  revokeToken: { ...WIRE.revokeToken, summary: 'Revoke a token; {tokenId} may be "current"', access: 'token.own', answer: ok },
  listAccessKeys: { ...WIRE.listAccessKeys, summary: 'The caller’s access keys for signed requests', access: 'token.own', answer: z.object({ accessKeys: z.array(people.accessKeyRow) }) },
  createAccessKey: { ...WIRE.createAccessKey, summary: 'Make an access key; its secret is shown once', access: 'token.own', body: people.accessKeyRequest, answer: z.object({ id: z.string(), secret: z.string() }) },
  revokeAccessKey: { ...WIRE.revokeAccessKey, summary: 'Revoke an access key', access: 'token.own', answer: ok },

  // The installation
  listCustody: { ...WIRE.listCustody, summary: 'The custody log, newest first, with the names of people, programs and jobs in it', access: 'audit.read', query: page.extend({ before: z.coerce.number().int().optional(), ...work.custodyFilter.shape }), answer: z.object({ entries: z.array(work.custodyRow), names: z.record(z.string(), z.string()), next: z.number().nullable() }) },
  exportCustody: { ...WIRE.exportCustody, summary: 'The custody log as JSON Lines, oldest first', access: 'audit.read', query: work.custodyFilter, answer: raw('application/x-ndjson') },
  verifyCustody: { ...WIRE.verifyCustody, summary: 'Check the whole hash chain of the custody log, and compare it with every signed head that is kept', access: 'audit.read', answer: work.custodyCheck },
  checkCustodyHead: { ...WIRE.checkCustodyHead, summary: 'The same, also against a signed head that you kept (DER, or text that holds it as PEM)', access: 'audit.read', body: raw(WIRE.checkCustodyHead.sends, KiB64), answer: work.custodyCheck },
  custodyHead: { ...WIRE.custodyHead, summary: 'The signed head of the custody log as it is now (CMS SignedData, DER): keep it elsewhere', access: 'signed-in', answer: raw('application/pkcs7-mime') },
  events: { ...WIRE.events, summary: 'Live events (text/event-stream); resumes after Last-Event-ID', access: 'job.read', query: z.object({ after: z.coerce.number().int().optional(), jobId: z.string().max(64).optional() }), answer: raw('text/event-stream') },
  roles: { ...WIRE.roles, summary: 'Who may do what', access: 'signed-in', answer: z.object({ permissions: z.record(z.string(), z.array(z.string())), roles: z.array(z.enum(PEOPLE_ROLES)) }) },
} as const satisfies Record<RouteName, RouteSpec>;

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
