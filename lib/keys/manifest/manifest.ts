import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { canonicalJson } from '../../domain/custody.ts';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { fingerprint, type KeyedCertificate } from '../certificates.ts';
import { signCms, unverifiedContent, verifyCms } from '../cms.ts';
import { checkPayload, type ManifestPayload, record, text } from './payload.ts';
import { deriveUnlockKey, KDF_DEFAULTS, type KdfParams, parseUnlockCode } from './unlock-code.ts';

/** What the unlock code opens. Printing or serializing it shows nothing. */
export class ManifestSecrets {
  /** 32 bytes; null for a bag. */
  readonly #jobKey: Buffer | null;
  readonly #jobToken: string | null;
  readonly #signer: KeyedCertificate;

  constructor(secrets: {
    jobKey: Buffer | null;
    jobToken: string | null;
    signer: KeyedCertificate;
  }) {
    this.#jobKey = secrets.jobKey;
    this.#jobToken = secrets.jobToken;
    this.#signer = secrets.signer;
  }

  get jobKey(): Buffer | null {
    return this.#jobKey;
  }

  /** Lets the agent report to the console about this job, and nothing else. */
  get jobToken(): string | null {
    return this.#jobToken;
  }

  /** The job's certificate and key, which sign the seal. */
  get signer(): KeyedCertificate {
    return this.#signer;
  }

  toJSON(): string {
    return '[secrets]';
  }

  [inspect.custom](): string {
    return '[secrets]';
  }
}

/** The secrets as they lie in a manifest. Binary members are base64. */
interface SealedSecrets {
  kdf: KdfParams;
  nonce: string;
  sealed: string;
}

const MANIFEST_BYTES_MAX = 1024 * 1024;

/**
 * The signed credential file of a job: CMS SignedData by the installation's authority around a JSON payload.
 * The secrets in it are encrypted under the unlock code and bound to the rest of the payload, so who lacks
 * the code can neither read them nor change what the manifest says, even with an authority of his own.
 */
export async function buildManifest(options: {
  payload: Omit<ManifestPayload, 'format' | 'caCertificatePem'>;
  secrets: ManifestSecrets;
  unlockCode: string;
  authority: KeyedCertificate;
  now: Date;
}): Promise<Buffer> {
  const { authority, secrets, now } = options;
  const payload = checkPayload({
    ...options.payload,
    format: 'waybill-manifest/1',
    caCertificatePem: authority.certificatePem,
  });
  const kdf: KdfParams = { ...KDF_DEFAULTS, salt: randomBytes(32).toString('base64') };
  const key = await deriveUnlockKey(parseUnlockCode(options.unlockCode), kdf);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bindingOf(payload));
  const clear = JSON.stringify({
    jobKey: secrets.jobKey?.toString('base64') ?? null,
    jobToken: secrets.jobToken,
    certificatePem: secrets.signer.certificatePem,
    privateKeyPem: secrets.signer.privateKeyPem,
    caFingerprint: fingerprint(authority.certificatePem),
  });
  const sealed = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const sealedSecrets: SealedSecrets = {
    kdf,
    nonce: nonce.toString('base64'),
    sealed: sealed.toString('base64'),
  };
  const content = Buffer.from(canonicalJson({ payload, secrets: sealedSecrets }));
  return signCms({ content, ...authority, detached: false, now });
}

const bindingOf = (payload: ManifestPayload): Buffer =>
  createHash('sha256').update(canonicalJson(payload)).digest();

/**
 * Reads a manifest without its secrets. The signature is checked against the given authority, else against
 * the one inside (then only the unlock code proves it genuine). Throws ManifestInvalid,
 * ManifestNotYetValid, ManifestExpired.
 */
export function readManifest(
  bytes: Uint8Array,
  options: { caPem?: string; now?: Date } = {},
): ManifestPayload {
  return parse(bytes, options).payload;
}

/** Opens a manifest with its unlock code. Throws also UnlockCodeMalformed, UnlockCodeWrong. */
export async function unlockManifest(
  bytes: Uint8Array,
  unlockCode: string,
  options: { caPem?: string; now?: Date } = {},
): Promise<{ payload: ManifestPayload; secrets: ManifestSecrets }> {
  const code = parseUnlockCode(unlockCode);
  const { payload, sealed } = parse(bytes, options);
  const key = await deriveUnlockKey(code, sealed.kdf);
  const clear = openSecrets(key, sealed, payload);
  if (clear.caFingerprint !== fingerprint(payload.caCertificatePem)) {
    throw new WaybillError('ManifestInvalid', { detail: 'it was signed by another installation' });
  }
  const jobKey = clear.jobKey === null ? null : Buffer.from(text(clear.jobKey, 'jobKey'), 'base64');
  if ((jobKey === null) !== (payload.volumeKind === 'bag') || (jobKey && jobKey.length !== 32)) {
    throw new WaybillError('ManifestInvalid', { detail: 'its job key does not fit its volume' });
  }
  const signer = {
    certificatePem: text(clear.certificatePem, 'certificate'),
    privateKeyPem: text(clear.privateKeyPem, 'private key'),
  };
  const jobToken = clear.jobToken === null ? null : text(clear.jobToken, 'jobToken');
  return { payload, secrets: new ManifestSecrets({ jobKey, jobToken, signer }) };
}

function openSecrets(key: Buffer, { nonce, sealed }: SealedSecrets, payload: ManifestPayload) {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'));
    decipher.setAAD(bindingOf(payload));
    decipher.setAuthTag(bytes.subarray(-16));
    const clear = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
    return record(JSON.parse(clear.toString('utf8')), 'secrets');
  } catch (error) {
    throw new WaybillError('UnlockCodeWrong', {}, { cause: error });
  }
}

function parse(bytes: Uint8Array, { caPem, now = new Date() }: { caPem?: string; now?: Date }) {
  if (bytes.length > MANIFEST_BYTES_MAX)
    throw new WaybillError('ManifestInvalid', { detail: 'it is too large' });
  const embedded = caPem ?? caIn(bytes);
  const { content } = checked(bytes, embedded, now);
  const { payload: unchecked, secrets } = contentOf(content);
  const payload = checkPayload(unchecked);
  if (fingerprint(payload.caCertificatePem) !== fingerprint(embedded)) {
    throw new WaybillError('ManifestInvalid', { detail: 'it was signed by another installation' });
  }
  if (now.getTime() > Date.parse(payload.expiresAt)) {
    throw new WaybillError('ManifestExpired', { at: payload.expiresAt });
  }
  return { payload, sealed: sealedOf(secrets) };
}

function checked(bytes: Uint8Array, caPem: string, now: Date) {
  try {
    return verifyCms({ der: bytes, kind: 'manifest', caPem, now });
  } catch (error) {
    if (!isWaybillError(error, 'SignatureInvalid')) throw error;
    // A clock that is behind: the manifest is right, and another copy of it would be no better.
    const { from, now: clock } = error.facts;
    if (from !== undefined && clock !== undefined)
      throw new WaybillError('ManifestNotYetValid', { from, now: clock }, { cause: error });
    throw new WaybillError(
      'ManifestInvalid',
      { detail: String(error.facts.detail) },
      { cause: error },
    );
  }
}

/** The authority that a manifest carries, before anything of it is trusted. */
function caIn(bytes: Uint8Array): string {
  try {
    const { payload } = contentOf(unverifiedContent(bytes));
    return text(record(payload, 'the payload').caCertificatePem, 'caCertificatePem');
  } catch (error) {
    if (!isWaybillError(error, 'SignatureInvalid')) throw error;
    throw new WaybillError('ManifestInvalid', { detail: 'it is no manifest' }, { cause: error });
  }
}

function contentOf(content: Buffer): Record<string, unknown> {
  try {
    return record(JSON.parse(content.toString('utf8')), 'the content');
  } catch (error) {
    throw new WaybillError(
      'ManifestInvalid',
      { detail: 'its content is not JSON' },
      { cause: error },
    );
  }
}

function sealedOf(value: unknown): SealedSecrets {
  const from = record(value, 'secrets');
  const kdf = record(from.kdf, 'kdf');
  return {
    kdf: {
      name: 'scrypt',
      N: Number(kdf.N),
      r: Number(kdf.r),
      p: Number(kdf.p),
      salt: text(kdf.salt, 'salt'),
    },
    nonce: text(from.nonce, 'nonce'),
    sealed: text(from.sealed, 'sealed'),
  };
}
