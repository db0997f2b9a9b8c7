import { z } from 'zod';
import { STORAGE_CLASSES, storageClassesOf } from '../../domain/storage-classes.ts';
import { RIGHT_STATES, STORE_RIGHT_NAMES } from '../../domain/store-rights.ts';
import { STORE_KINDS } from '../../domain/words.ts';
import { bucketName, chosenId, count, line, optionalLine, prefix, time } from './fields.ts';

/** Stores. What opens one goes in and never comes out again, but to stations. */

const REMOTE_KINDS: readonly string[] = ['s3', 'glacier', 'ebs'];
const FOLDER_KINDS: readonly string[] = ['directory', 'glacier', 'ebs'];

const endpointUrl = z
  .string()
  .trim()
  .max(500)
  .refine((text) => text === '' || isPlainUrl(text), {
    message: 'an address such as https://s3.example.com, without user and path; empty for AWS',
  });

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => !part);
}

export const remoteSettings = z.object({
  /** Empty for AWS's own endpoint of the region. */
  endpoint: endpointUrl,
  region: z.string().regex(/^[a-z0-9-]{1,40}$/, 'a region such as us-east-1'),
  /** The bucket is in the path of a URL (most endpoints but AWS's), or in its host name. */
  pathStyle: z.boolean(),
  /** Of new objects; the bucket's own when missing. */
  storageClass: z.enum(STORAGE_CLASSES).optional(),
  /** How the store encrypts new objects; its own choice when missing. */
  encryption: z
    .discriminatedUnion('mode', [
      z.object({ mode: z.literal('AES256') }),
      z.object({ mode: z.literal('aws:kms'), keyId: optionalLine(2048).optional() }),
    ])
    .optional(),
  /** `opaque`: ETags have the form of an MD5 but are none, so that exports cannot compare them. */
  etags: z.enum(['opaque']).optional(),
});

export const storeCredentials = z.object({
  accessKeyId: line(128),
  secretAccessKey: line(256),
  sessionToken: line(4096).optional(),
});

/** How a store is used, besides how it is reached. */
export const storeSettings = z.object({
  /** Where completion reports lie; by default in the job's bucket, under `waybill-reports/`. */
  reports: z
    .object({
      bucket: bucketName.optional(),
      prefix: prefix.refine((text) => text === '' || text.endsWith('/'), 'it ends in /').optional(),
    })
    .optional(),
  /** Objects of exports of which the store says nothing that can be compared are read twice. */
  readTwice: z.boolean().optional(),
});

export const storeRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(STORE_KINDS),
  /** Empty behind an endpoint. */
  root: z.string(),
  /** Null in a directory. */
  remote: remoteSettings.nullable(),
  /** Null: as usual. */
  settings: storeSettings.nullable(),
  createdAt: time,
});

/** A store with how many jobs name it: all, and those that are not finished. */
export const listedStore = storeRow.extend({
  jobs: count,
  openJobs: count,
  /** The ids in the markers of its buckets in a directory, as far as stations have told them. */
  markers: z.record(z.string(), z.string()),
});

/** What is changed of a store; its kind stays. Another address of an endpoint comes with its key pair. */
export const storeChange = z
  .object({
    name: line(100),
    root: z.string().startsWith('/', 'an absolute path').max(1000),
    remote: remoteSettings,
    credentials: storeCredentials,
    settings: storeSettings,
    /** The buckets were replaced on purpose: stations take what lies there now for them, and mark it. */
    forgetMarkers: z.boolean(),
  })
  .partial();

export const storeRequest = z
  .object({
    id: chosenId,
    name: line(100),
    kind: z.enum(STORE_KINDS),
    /** Absolute directory that holds the buckets. This, or an endpoint with its credentials. */
    root: z.string().startsWith('/', 'an absolute path').max(1000).optional(),
    remote: remoteSettings.optional(),
    credentials: storeCredentials.optional(),
    settings: storeSettings.optional(),
    /** Made if it is missing. */
    bucket: bucketName.optional(),
  })
  .superRefine(({ kind, root, remote, credentials }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((root === undefined) === (remote === undefined))
      wrong('root', 'either the directory of the store, or its endpoint');
    if ((remote === undefined) !== (credentials === undefined))
      wrong('credentials', 'an endpoint has a key pair, a directory has none');
    const kinds = remote ? REMOTE_KINDS : FOLDER_KINDS;
    if (!kinds.includes(kind)) wrong('kind', `one of ${kinds.join(', ')} there`);
    const storageClass = remote?.storageClass;
    if (storageClass && !storageClassesOf(kind).includes(storageClass))
      wrong('remote', `a storage class of ${kind}: ${storageClassesOf(kind).join(', ') || 'none'}`);
  });

export const bucketRequest = z.object({ bucket: bucketName });

/** What the check of a bucket found out. */
export const storeCheck = z.object({
  rights: z.array(
    z.object({
      right: z.enum(STORE_RIGHT_NAMES),
      state: z.enum(RIGHT_STATES),
      /** What the store said to a refusal. */
      detail: z.string(),
    }),
  ),
  /** What its endpoint leaves to Waybill. */
  notes: z.array(z.string()),
});

/** The id in the marker of a bucket that lies in a directory. */
export const bucketMarker = z.uuid();
export const markerNote = z.object({ marker: bucketMarker });

/** How a station reaches the store of its job. */
export const stationStore = z.object({
  spec: z.union([
    z.object({
      kind: z.enum(STORE_KINDS),
      bucket: z.string(),
      root: z.string(),
      /** By what the bucket is known again; missing until a station has marked it. */
      marker: bucketMarker.optional(),
    }),
    z.object({
      kind: z.enum(STORE_KINDS),
      bucket: z.string(),
      remote: remoteSettings.extend({ credentials: storeCredentials }),
    }),
  ]),
  prefix: z.string(),
  begin: z.string().optional(),
  end: z.string().optional(),
  /** Keys that an export leaves out. */
  without: z.string().optional(),
  /** Read objects twice of which the store says nothing. */
  readTwice: z.boolean().optional(),
  /** Where the completion report goes: a bucket of the same store, and a prefix. */
  reports: z.object({ bucket: z.string(), prefix: z.string(), marker: bucketMarker.optional() }),
});

export type StoreRow = z.output<typeof storeRow>;
export type StoreRequest = z.output<typeof storeRequest>;
export type StoreChange = z.output<typeof storeChange>;
export type ListedStore = z.output<typeof listedStore>;
