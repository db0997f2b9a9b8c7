import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { canonicalJson } from '../../domain/custody.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { KeyContext, Kms } from './kms.ts';

/** Which key of AWS KMS, and how its service is reached. The host's own AWS credentials open it. */
export interface AwsKmsSettings {
  /** ARN, id or alias. */
  keyId: string;
  /** That of the ARN when missing. */
  region?: string | undefined;
  /** AWS's own of the region when missing. */
  endpoint?: string | undefined;
}

const FORMAT = 'aws/1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keys under a key of AWS KMS, which never leaves it. Each secret has a data key of its own (GenerateDataKey with
 * the context as encryption context) and is sealed with it by AES-256-GCM:
 *
 *     aws/1:<base64 of the data key's ciphertext>:<base64 of nonce, ciphertext, tag>
 *
 * With nothing after the last colon the secret is the data key itself.
 */
export function openAwsKms(settings: AwsKmsSettings): Kms {
  return new AwsKms(settings);
}

type Sdk = typeof import('@aws-sdk/client-kms');

class AwsKms implements Kms {
  readonly provider = 'aws';
  readonly #settings: AwsKmsSettings;
  #opened: Promise<{ client: KMSClient; sdk: Sdk }> | undefined;

  constructor(settings: AwsKmsSettings) {
    this.#settings = settings;
  }

  async generateDataKey(
    context: KeyContext,
    keyId?: string,
  ): Promise<{ plaintext: Buffer; wrapped: string }> {
    const { key, blob } = await this.#newKey(context, keyId);
    return { plaintext: key, wrapped: `${FORMAT}:${blob}:` };
  }

  async wrap(secret: Buffer, context: KeyContext, keyId?: string): Promise<string> {
    const { key, blob } = await this.#newKey(context, keyId);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(canonicalJson(context)));
    const body = Buffer.concat([cipher.update(secret), cipher.final()]);
    const sealed = Buffer.concat([nonce, body, cipher.getAuthTag()]);
    return `${FORMAT}:${blob}:${sealed.toString('base64')}`;
  }

  async unwrap(wrapped: string, context: KeyContext): Promise<Buffer> {
    const [format, blob = '', text = ''] = wrapped.split(':');
    if (format !== FORMAT) throw refuse('a wrapped key has an unknown format');
    const { Plaintext } = await this.#ask(({ client, sdk }) =>
      client.send(
        new sdk.DecryptCommand({
          CiphertextBlob: Buffer.from(blob, 'base64'),
          EncryptionContext: context,
        }),
      ),
    );
    const key = Buffer.from(Plaintext ?? []);
    if (text === '') return key;
    const sealed = Buffer.from(text, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(canonicalJson(context)));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (error) {
      throw refuse('a wrapped key is damaged or belongs elsewhere', error);
    }
  }

  /** What a key wrapped, KMS opens without being told which: the ciphertext names it. */
  async #newKey(
    context: KeyContext,
    keyId = this.#settings.keyId,
  ): Promise<{ key: Buffer; blob: string }> {
    const { Plaintext, CiphertextBlob } = await this.#ask(({ client, sdk }) =>
      client.send(
        new sdk.GenerateDataKeyCommand({
          KeyId: keyId,
          KeySpec: 'AES_256',
          EncryptionContext: context,
        }),
      ),
    );
    if (!Plaintext || !CiphertextBlob) throw refuse('AWS KMS gave no data key');
    return { key: Buffer.from(Plaintext), blob: Buffer.from(CiphertextBlob).toString('base64') };
  }

  async #ask<T>(work: (api: { client: KMSClient; sdk: Sdk }) => Promise<T>): Promise<T> {
    this.#opened ??= this.#open();
    try {
      return await work(await this.#opened);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      const name = code ?? (error instanceof Error ? error.name : 'unknown');
      throw refuse(`AWS KMS answers ${name}`, error);
    }
  }

  async #open(): Promise<{ client: KMSClient; sdk: Sdk }> {
    // Exactly `true`: the SDK warns of Node 20 on every start.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
    const sdk = await import('@aws-sdk/client-kms');
    const { keyId, endpoint } = this.#settings;
    // arn:aws:kms:REGION:ACCOUNT:key/ID
    const region = this.#settings.region ?? (keyId.startsWith('arn:') ? keyId.split(':')[3] : '');
    const client = new sdk.KMSClient({
      ...(region ? { region } : {}),
      ...(endpoint ? { endpoint } : {}),
    });
    return { client, sdk };
  }
}

const refuse = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('KeyUnavailable', { detail }, { cause });
