import type { StorageClass } from '../domain/storage-classes.ts';
import type { StoreKind } from '../domain/words.ts';

/** A bucket that lies in a directory: the directory store and the embedded stand-ins. */
export interface FolderSpec {
  kind: StoreKind;
  bucket: string;
  /** Absolute directory that holds the buckets. */
  root: string;
  /** The id in the bucket's marker (bucket-marker.ts), where it is known: what does not have it is not the bucket. */
  marker?: string | undefined;
  /** It is a directory to restore into: names may be as long as the system's paths. */
  isTree?: boolean | undefined;
  /** The bucket lies on a device: all of its folders are on one file system, and it is the same directory to the end. */
  isOneFileSystem?: boolean | undefined;
}

/** A bucket behind an endpoint. */
export interface RemoteSpec {
  kind: StoreKind;
  bucket: string;
  remote: RemotePlace;
}

/** How to reach a store. Plain data, so that it can cross to a worker thread. */
export type StoreSpec = FolderSpec | RemoteSpec;

/** What anyone may know of an endpoint. */
export interface RemoteSettings {
  /** URL; empty for AWS's own endpoint of the region. */
  endpoint: string;
  region: string;
  /** Whether the bucket is in the path of a URL, as most endpoints but AWS's want it, or in its host name. */
  pathStyle: boolean;
  /** Of new objects; the bucket's own when missing. */
  storageClass?: StorageClass | undefined;
  /** How the store encrypts new objects; its own choice when missing. */
  encryption?: RemoteEncryption | undefined;
  /** `opaque`: ETags of one part are no MD5 here. Other stores say so by their form, or by their encryption. */
  etags?: 'opaque' | undefined;
}

/** Server-side encryption: with keys of the store, or with a key of AWS KMS (ARN, id or alias). */
export type RemoteEncryption = { mode: 'AES256' } | { mode: 'aws:kms'; keyId?: string | undefined };

/** An endpoint with the secret that opens it. Never written to a disk, a log or a report. */
export interface RemotePlace extends RemoteSettings {
  credentials: RemoteCredentials;
  /** What `check` found out, so that other threads need not ask again. */
  capabilities?: RemoteCapabilities | undefined;
  /** File that remembers uploads of large objects, so that a later run can go on with them. */
  uploadsFile?: string | undefined;
  /** How often a request is sent at most; only tests say so. */
  attempts?: number | undefined;
  /** Milliseconds after which a silent request is given up; only tests say so. */
  silenceMs?: number | undefined;
  /** Nothing is waited for before it is tried again; only tests say so. */
  hurry?: boolean | undefined;
}

export interface RemoteCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** What an endpoint does with what it is told; found out by trying. */
export interface RemoteCapabilities {
  /** Refuses to replace an object when asked to (If-None-Match). */
  conditionalPut: boolean;
  /** Whether it refuses bytes that have not the CRC-32 they come with, takes no notice, or wants no CRC-32. */
  crc32: 'verified' | 'ignored' | 'refused';
  /** Refuses bytes that have not the SHA-256 that the request's signature covers. */
  sha256: boolean;
  /** Refuses bytes that have not the Content-MD5 they come with. */
  md5: boolean;
}

/** A place in a store, for people: without what opens it. */
export function destinationOf(spec: StoreSpec, prefix: string): string {
  const place = 'root' in spec ? spec.root : spec.remote.endpoint || spec.remote.region;
  return `${spec.kind}:${place}/${spec.bucket}/${prefix}`;
}

/** What of a spec may be written down: all but the secret and what was found out. */
export function publicSpec(spec: StoreSpec): object {
  if ('root' in spec) {
    const { marker: _, ...place } = spec;
    return place;
  }
  const { credentials: _, capabilities: __, uploadsFile: ___, ...remote } = spec.remote;
  const { attempts: ____, hurry: _____, silenceMs: ______, ...settings } = remote;
  return { kind: spec.kind, bucket: spec.bucket, ...settings };
}
