import { constants, createPrivateKey, generateKeyPair, privateEncrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type forge from 'node-forge';

/** RSA keys and signatures by node:crypto: node-forge, in JavaScript, holds everything else up for a tenth of a second. */

export interface KeyPair {
  publicKeyPem: string;
  privateKeyPem: string;
}

const RSA_BITS = 3072;
/** DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2, note 1). */
const SHA256_PREFIX = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const generate = promisify(generateKeyPair);

/** A new RSA key pair of 3072 bits: public key as SPKI, private key as PKCS #1, PEM. */
export async function newKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: RSA_BITS });
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}

/**
 * A private key that node-forge signs certificates and CMS with: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
 * Only its `sign` is there.
 */
export function forgeKeyOf(privateKeyPem: string): forge.pki.rsa.PrivateKey {
  const key = createPrivateKey(privateKeyPem);
  const sign = (digest: forge.md.MessageDigest): string => {
    const info = Buffer.concat([SHA256_PREFIX, Buffer.from(digest.digest().getBytes(), 'latin1')]);
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info).toString('latin1');
  };
  return { sign } as forge.pki.rsa.PrivateKey;
}
