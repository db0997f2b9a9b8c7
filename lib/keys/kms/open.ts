import { existsSync, rmSync } from 'node:fs';
import { type AwsKmsSettings, openAwsKms } from './aws.ts';
import { refuse } from './key-ring.ts';
import type { KeyContext, Kms, MasterKms } from './kms.ts';
import { openLocalKms } from './local.ts';

export interface KmsSettings {
  /** Who wraps from now on. */
  provider: Kms['provider'];
  /** The local master key file. */
  file: string;
  /** Base64 of 32 bytes, in place of the file. */
  masterKey?: string | undefined;
  /** The key of AWS KMS: to wrap with, or, with the local provider, to open what it wrapped before. */
  aws?: AwsKmsSettings | undefined;
}

/**
 * The key service of an installation. Each wrapped key names who wrapped it, so that an installation can move
 * between local keys and AWS KMS by wrapping everything again. Throws KeyUnavailable.
 */
export function openKms({ provider, file, masterKey, aws: settings }: KmsSettings): MasterKms {
  const aws = settings && openAwsKms(settings);
  if (provider === 'aws') {
    if (!aws || !settings) throw refuse('no key of AWS KMS is set');
    const local = () => {
      if (masterKey === undefined && !existsSync(file)) throw refuse('the master key file is gone');
      return openLocalKms({ file, masterKey });
    };
    return {
      ...together('aws', aws, (wrapped) => (isLocal(wrapped) ? local() : aws)),
      // AWS changes the material of a key by itself.
      rotate: () => settings.keyId,
      exportKeys: () => {
        throw refuse(
          'AWS KMS holds the master key, and gives it to nobody: there is nothing to split',
        );
      },
      retireOld: () => rmSync(file, { force: true }),
    };
  }
  const local = openLocalKms({ file, masterKey });
  const opener = (wrapped: string): Kms => {
    if (isLocal(wrapped)) return local;
    if (!aws) throw refuse('a key was wrapped by AWS KMS, of which no key is set');
    return aws;
  };
  return {
    ...together('local', local, opener),
    rotate: () => local.rotate(),
    exportKeys: () => local.exportKeys(),
    retireOld: () => local.retireOld(),
  };
}

const isLocal = (wrapped: string): boolean => !wrapped.startsWith('aws/');

/** One wraps; who unwraps is for the wrapped key to say. */
function together(provider: Kms['provider'], wrapper: Kms, openerOf: (wrapped: string) => Kms) {
  const unwrap = async (wrapped: string, context: KeyContext) =>
    openerOf(wrapped).unwrap(wrapped, context);
  return {
    provider,
    unwrap,
    generateDataKey: (context: KeyContext, keyId?: string) =>
      wrapper.generateDataKey(context, keyId),
    wrap: (secret: Buffer, context: KeyContext, keyId?: string) =>
      wrapper.wrap(secret, context, keyId),
    rewrap: async (wrapped: string, context: KeyContext, keyId?: string) =>
      wrapper.wrap(await unwrap(wrapped, context), context, keyId),
  };
}
