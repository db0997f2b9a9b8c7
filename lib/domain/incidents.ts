import type { ErrorCode } from './errors.ts';
import type { DeviceState } from './words.ts';

/** Who goes on: `store` is whoever administers the store, who need not have an account here. */
export type IncidentOwner = 'operator' | 'facility' | 'store';
export const INCIDENT_OWNERS: Record<IncidentOwner, string> = {
  operator: 'operator',
  facility: 'facility',
  store: 'administrator of the store',
};

/** What can go wrong on the way: each with its owner, its next step and what becomes of the device. */
export const INCIDENTS = {
  'never-received': {
    label: 'Device never received',
    owner: 'facility',
    next: 'ask the carrier; then resolve it, or close the job',
    device: undefined,
  },
  lost: {
    label: 'Device lost',
    owner: 'facility',
    next: 'claim from the carrier, close the job, make a new one; the data is encrypted',
    device: 'lost',
  },
  refused: {
    label: 'Delivery refused',
    owner: 'operator',
    next: 'arrange a new delivery, then resolve it',
    device: undefined,
  },
  'wrong-device': {
    label: 'Wrong device',
    owner: 'facility',
    next: 'set it aside and find the right one, then resolve it',
    device: 'quarantined',
  },
  damaged: {
    label: 'Device damaged',
    owner: 'facility',
    next: 'try to read it with waybill verify, then resolve it and import; else close the job',
    device: 'quarantined',
  },
  'seal-differs': {
    label: 'Tamper seal number differs',
    owner: 'facility',
    next: 'compare the custody log and look at the case, then resolve it; the volume proves itself at import',
    device: 'quarantined',
  },
  'seal-superseded': {
    label: 'Another state of the device came back',
    owner: 'facility',
    next: 'set it aside and find the device whose seal is known, then resolve it',
    device: 'quarantined',
  },
  unproved: {
    label: 'Device does not prove itself',
    owner: 'facility',
    next: 'see the reason; try waybill verify --repair where it is damaged, else set it aside and find the right one (a label alone says nothing), then resolve it',
    device: 'quarantined',
  },
  'duplicate-device': {
    label: 'Two devices with one id',
    owner: 'facility',
    next: 'connect the right one alone, set the other aside, then resolve it',
    device: 'quarantined',
  },
  unreadable: {
    label: 'Device unreadable',
    owner: 'facility',
    next: 'try another cable and host, then resolve it; else close the job',
    device: 'quarantined',
  },
  'store-refuses': {
    label: 'Store refuses',
    owner: 'store',
    next: 'the administrator of the store mends what the note names; the station tries by itself, goes on as soon as it may, and closes this',
    device: undefined,
  },
  'import-failed': {
    label: 'Import stopped',
    owner: 'facility',
    next: 'see the reason, mend it, and run waybill station import again; it resumes',
    device: undefined,
  },
  'objects-failed': {
    label: 'Objects did not land',
    owner: 'operator',
    next: 'see the failure log; try them again, or accept their loss; the facility may close the job instead',
    device: undefined,
  },
  'export-failed': {
    label: 'Export stopped',
    owner: 'facility',
    next: 'see the reason, mend it, and run waybill station export again; it resumes',
    device: undefined,
  },
  'copy-failed': {
    label: 'Copy stopped',
    owner: 'operator',
    next: 'see the reason, mend it, and run waybill copy again; it resumes',
    device: undefined,
  },
  other: { label: 'Other', owner: 'facility', next: 'see the note', device: undefined },
} as const satisfies Record<
  string,
  { label: string; owner: IncidentOwner; next: string; device: DeviceState | undefined }
>;

/** What a refusal of a station says of the device: an incident of its own kind, where it lies or cannot prove itself. */
export const INCIDENT_OF_ERROR: Partial<Record<ErrorCode, IncidentKind>> = {
  SealSuperseded: 'seal-superseded',
  SignatureInvalid: 'unproved',
  VolumeInvalid: 'unproved',
  VolumeNotSealed: 'unproved',
  DeviceUnproved: 'unproved',
  DeviceHostile: 'unproved',
  WrongDevice: 'wrong-device',
  DeviceSwapped: 'wrong-device',
};

/** What a station opens, and closes by itself when it goes on. People may close it too. */
export const SELF_CLOSING: readonly IncidentKind[] = ['store-refuses'];

/** Type guard for the kinds of incidents. */
export const isIncidentKind = (value: unknown): value is IncidentKind =>
  typeof value === 'string' && Object.hasOwn(INCIDENTS, value);
export type IncidentKind = keyof typeof INCIDENTS;
export const INCIDENT_KINDS = Object.keys(INCIDENTS) as [IncidentKind, ...IncidentKind[]];
