import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { StorageClass } from '../../lib/domain/storage-classes.ts';
import type { RemoteCredentials, RemoteSpec, StoreSpec } from '../../lib/stores/store-spec.ts';
import { parseKeyPair } from './key-pair.ts';
import { readGiven } from './read-input-file.ts';

/** How a command reaches a bucket that no console knows. */
export interface StoreTargetOptions {
  endpoint?: string;
  region?: string;
  /** The key pair is in this file; `-` is standard input. */
  accessKeyFile?: string;
  virtualHost?: boolean;
  storageClass?: StorageClass;
}

/** A bucket, and what is put before every key. */
export interface StoreTarget {
  spec: RemoteSpec;
  prefix: string;
}

const SCHEME = 's3://';

export const isStoreUrl = (destination: string): boolean => destination.startsWith(SCHEME);

/**
 * The bucket of `s3://bucket/folder`. Keys come to lie under the folder. The key pair comes from a file, else from the
 * environment, else from AWS's own file of profiles; never from the command line. Throws Usage.
 */
export function storeTarget(url: string, options: StoreTargetOptions): StoreTarget {
  const [bucket = '', ...folder] = url.slice(SCHEME.length).split('/');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket))
    throw usage(`${url} names no bucket: s3://BUCKET or s3://BUCKET/FOLDER`);
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = options.region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  if (!region) throw usage('give --region');
  const endpoint = checkedEndpoint(options.endpoint);
  const prefix = folder.join('/');
  return {
    spec: {
      kind: 's3',
      bucket,
      remote: {
        endpoint,
        region,
        pathStyle: endpoint !== '' && options.virtualHost !== true,
        storageClass: options.storageClass,
        credentials: keyPair(options.accessKeyFile),
      },
    },
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
  };
}

/**
 * The store that holds objects under their own keys: a bucket as above, or the directory of one on this host, where a
 * folder stands for a prefix. Throws Usage.
 */
export function storeWithObjects(
  place: string,
  options: StoreTargetOptions,
): { spec: StoreSpec; prefix: string } {
  if (isStoreUrl(place)) return storeTarget(place, options);
  const path = resolve(place);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw usage(`${place} is neither s3://BUCKET nor the directory of a bucket`);
  return { spec: { kind: 'directory', root: dirname(path), bucket: basename(path) }, prefix: '' };
}

const usage = (detail: string): WaybillError => new WaybillError('Usage', { detail });

/** An address of HTTP, without a secret in it; empty for AWS. Throws Usage, which does not quote it. */
function checkedEndpoint(endpoint = ''): string {
  if (endpoint === '') return '';
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw usage('--endpoint is no http or https URL');
  if (url.username || url.password) throw usage('a key pair in --endpoint can be read by anybody');
  return endpoint;
}

/** Throws Usage. */
function keyPair(file: string | undefined): RemoteCredentials {
  if (file !== undefined) return parseKeyPair(readGiven(file).toString('utf8'));
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE } = process.env;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY)
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
    };
  const path = process.env.AWS_SHARED_CREDENTIALS_FILE || join(homedir(), '.aws/credentials');
  if (existsSync(path))
    return profileOf(readGiven(path).toString('utf8'), AWS_PROFILE || 'default');
  throw usage(
    'there is no key pair: give --access-key-file, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  );
}

/** The key pair of one profile of AWS's credentials file. Throws Usage, which never quotes the file. */
function profileOf(text: string, name: string): RemoteCredentials {
  const lines = text.split(/\r?\n/);
  const heading = (line: string) => /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1];
  const from = lines.findIndex((line) => heading(line) === name);
  if (from < 0) throw usage(`AWS's file of credentials has no profile ${name}`);
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => heading(line) !== undefined);
  return parseKeyPair(rest.slice(0, to < 0 ? undefined : to).join('\n'));
}
