import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { onTestFinished, vi } from 'vitest';
import { canonicalJson } from '../../domain/custody.ts';
import { verifyRequest } from '../../signing/verify-sigv4.ts';
import type { Environment } from '../console-world.ts';
import { serving } from '../listening.ts';

/** What the server was asked, and how it answered. */
export interface KmsRequest {
  operation: string;
  /** ARN of the key that was meant: by the request, or by what it decrypts. */
  key: string;
  context: Record<string, string>;
  /** Name of the exception; undefined when it did as it was asked. */
  refused: string | undefined;
}

export interface TestKms {
  /** Settings of a console whose keys it keeps under this key. */
  environment(keyArn: string): Environment;
  endpoint: string;
  /** Makes a key. Returns its ARN. */
  newKey(): string;
  setEnabled(keyArn: string, enabled: boolean): void;
  seen: KmsRequest[];
}

export const KMS_REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'AKIAKMSTEST', secretAccessKey: 'kms-secret' };

interface MasterKey {
  material: Buffer;
  enabled: boolean;
}

class Refusal extends Error {}

/**
 * AWS KMS on loopback, as far as data keys are made and opened (API 2014-11-01). It checks signatures, and a
 * ciphertext opens only with the encryption context that it was made with. Its credentials are the host's own until
 * the test ends.
 */
export async function kmsServer(): Promise<TestKms> {
  const keys = new Map<string, MasterKey>();
  const seen: KmsRequest[] = [];
  const endpoint = await serving(async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const { pathname: path, search } = new URL(request.url);
    const { method, headers } = request;
    const openKey = async (id: string) =>
      id === CREDENTIALS.accessKeyId
        ? { secret: CREDENTIALS.secretAccessKey, actor: id }
        : undefined;
    const raw = { method, path, query: search.slice(1), headers, body };
    const operation = headers.get('x-amz-target')?.replace('TrentService.', '') ?? '';
    const input = JSON.parse(Buffer.from(body).toString());
    const asked = { operation, key: keyOf(operation, input), context: contextOf(input) };
    try {
      await verifyRequest(raw, { services: ['kms'], openKey, now: new Date() }).catch(() => {
        throw new Refusal('InvalidSignatureException');
      });
      const answer = answerOf(keys, asked, input);
      seen.push({ ...asked, refused: undefined });
      return Response.json(answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      seen.push({ ...asked, refused: error.message });
      return Response.json({ __type: error.message, message: asked.key }, { status: 400 });
    }
  });
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
  return {
    endpoint,
    seen,
    environment: (keyArn) => ({
      WAYBILL_KMS: 'aws',
      WAYBILL_KMS_KEY: keyArn,
      WAYBILL_KMS_ENDPOINT: endpoint,
    }),
    newKey: () => {
      const arn = `arn:aws:kms:${KMS_REGION}:123456789012:key/${randomUUID()}`;
      keys.set(arn, { material: randomBytes(32), enabled: true });
      return arn;
    },
    setEnabled: (keyArn, enabled) => {
      const key = keys.get(keyArn);
      if (!key) throw new Error(`no key ${keyArn}`);
      key.enabled = enabled;
    },
  };
}

interface Input {
  KeyId?: string;
  CiphertextBlob?: string;
  EncryptionContext?: Record<string, string>;
}

const contextOf = ({ EncryptionContext = {} }: Input) => EncryptionContext;

/** A ciphertext names its key: ARN, a line break, nonce, tag, encrypted bytes. */
const splitBlob = (text = '') => {
  const blob = Buffer.from(text, 'base64');
  const end = blob.indexOf('\n');
  return { arn: blob.subarray(0, end).toString(), sealed: blob.subarray(end + 1) };
};

const keyOf = (operation: string, { KeyId = '', CiphertextBlob }: Input): string =>
  operation === 'Decrypt' ? splitBlob(CiphertextBlob).arn : KeyId;

function answerOf(
  keys: Map<string, MasterKey>,
  { operation, key: arn, context }: Pick<KmsRequest, 'operation' | 'key' | 'context'>,
  { CiphertextBlob }: Input,
) {
  const key = keys.get(arn);
  if (!key) throw new Refusal('NotFoundException');
  if (!key.enabled) throw new Refusal('DisabledException');
  const aad = Buffer.from(canonicalJson(context));
  if (operation === 'GenerateDataKey') {
    const plaintext = randomBytes(32);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key.material, nonce).setAAD(aad);
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const blob = Buffer.concat([Buffer.from(`${arn}\n`), nonce, cipher.getAuthTag(), body]);
    const Plaintext = plaintext.toString('base64');
    return { KeyId: arn, Plaintext, CiphertextBlob: blob.toString('base64') };
  }
  if (operation !== 'Decrypt') throw new Refusal('UnknownOperationException');
  const { sealed } = splitBlob(CiphertextBlob);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.material, sealed.subarray(0, 12));
    decipher.setAAD(aad).setAuthTag(sealed.subarray(12, 28));
    const plaintext = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
    return { KeyId: arn, Plaintext: plaintext.toString('base64') };
  } catch {
    throw new Refusal('InvalidCiphertextException');
  }
}
