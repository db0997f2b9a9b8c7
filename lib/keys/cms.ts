import { createHash, createVerify, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { WaybillError } from '../domain/errors.ts';
import { type Signer, verifyChain } from './certificates.ts';
import { isCanonical } from './cms-canonical.ts';
import { forgeKeyOf } from './key-pairs.ts';
import { SIGNED_KINDS, type SignedBy } from './signed-kinds.ts';

/** CMS SignedData (RFC 5652), as `openssl cms -verify` reads it. Signed with RSA and SHA-256. */

const CMS_BYTES_MAX = 8 * 1024 * 1024;
const OID = {
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  sha256: '2.16.840.1.101.3.4.2.1',
};

/** Signs content. `detached` leaves the content out of the result. Returns DER. */
export function signCms(options: {
  content: Uint8Array;
  certificatePem: string;
  privateKeyPem: string;
  detached: boolean;
  now: Date;
}): Buffer {
  const signed = forge.pkcs7.createSignedData();
  signed.content = forge.util.createBuffer(Buffer.from(options.content).toString('latin1'), 'raw');
  signed.addCertificate(options.certificatePem);
  signed.addSigner({
    key: forgeKeyOf(options.privateKeyPem),
    certificate: options.certificatePem,
    digestAlgorithm: OID.sha256,
    authenticatedAttributes: [
      { type: OID.contentType, value: OID.data },
      { type: OID.messageDigest },
      // The types of node-forge want text here; its encoder wants a date.
      { type: OID.signingTime, value: options.now as Date & string },
    ],
  });
  signed.sign({ detached: options.detached });
  return Buffer.from(forge.asn1.toDer(signed.toAsn1()).getBytes(), 'latin1');
}

/** What a valid signature says. */
export interface SignedContent {
  content: Buffer;
  signerCertificatePem: string;
}

/**
 * Checks a SignedData: digest, signature (with node:crypto; node-forge cannot) and that it was signed by whoever may
 * sign what it is (`SIGNED_KINDS`). Throws SignatureInvalid for anything else.
 */
export function verifyCms(
  options: SignedBy & {
    der: Uint8Array;
    detachedContent?: Uint8Array;
    caPem: string;
    now?: Date | undefined;
  },
): SignedContent {
  const { what } = SIGNED_KINDS[options.kind];
  try {
    const parsed = parseSignedData(options.der);
    const content = options.detachedContent ? Buffer.from(options.detachedContent) : parsed.content;
    if (!content) throw new Refusal('it carries no content');
    const digest = createHash('sha256').update(content).digest();
    if (!digest.equals(parsed.messageDigest)) throw new Refusal('the content has been changed');
    const certificate = new X509Certificate(parsed.certificate);
    const verifier = createVerify('sha256').update(parsed.signedAttributes);
    if (!verifier.verify(certificate.publicKey, parsed.signature))
      throw new Refusal('the signature does not fit');
    const signerCertificatePem = certificate.toString();
    const signer: Signer =
      options.jobId === undefined ? { role: 'authority' } : { role: 'job', jobId: options.jobId };
    verifyChain(signerCertificatePem, options.caPem, { signer, now: options.now });
    return { content, signerCertificatePem };
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    // node-forge throws plain errors on malformed input; their texts are of no use to the reader.
    const detail = error instanceof Refusal ? error.message : 'it cannot be read';
    throw new WaybillError('SignatureInvalid', { what, detail }, { cause: error });
  }
}

/** The certificate that a SignedData carries, PEM, before anything of it is trusted. Throws SignatureInvalid. */
export function unverifiedSigner(der: Uint8Array): string {
  try {
    return new X509Certificate(parseSignedData(der).certificate).toString();
  } catch (error) {
    throw new WaybillError(
      'SignatureInvalid',
      { what: 'it', detail: 'it cannot be read' },
      { cause: error },
    );
  }
}

class Refusal extends Error {}

/** The content of a SignedData that nobody has checked yet. Throws SignatureInvalid when there is none. */
export function unverifiedContent(der: Uint8Array): Buffer {
  try {
    const { content } = parseSignedData(der);
    if (content) return content;
  } catch {
    // Malformed or empty, it is the same to the caller.
  }
  throw new WaybillError('SignatureInvalid', { what: 'it', detail: 'it cannot be read' });
}

/** The parts of a SignedData with one signer and one certificate. */
interface Parsed {
  content: Buffer | undefined;
  certificate: Buffer;
  /** DER of the signed attributes as a SET OF, which is what is signed (§5.4). */
  signedAttributes: Buffer;
  messageDigest: Buffer;
  signature: Buffer;
}

type Asn1 = forge.asn1.Asn1;

function parseSignedData(der: Uint8Array): Parsed {
  if (der.length > CMS_BYTES_MAX) throw new Refusal('it is too large');
  checkNesting(der);
  const root = forge.asn1.fromDer(Buffer.from(der).toString('latin1'), true);
  const [type, wrapped] = children(root);
  if (oid(type) !== OID.signedData) throw new Refusal('it is no SignedData');
  const [, , encapsulated, ...rest] = children(child(wrapped, 0));
  const certificates = rest.find((part) => isContext(part, 0));
  const signer = child(rest.at(-1), 0);
  const attributes = children(signer).find((part) => isContext(part, 0));
  if (!attributes || children(rest.at(-1)).length !== 1)
    throw new Refusal('it has not one signer with attributes');
  const messageDigest = attributeOf(attributes, OID.messageDigest);
  if (oid(attributeOf(attributes, OID.contentType)) !== OID.data)
    throw new Refusal('its content type is not data');
  const eContent = children(encapsulated)[1];
  const content = eContent ? octets(child(eContent, 0)) : undefined;
  const certificate = child(certificates, 0);
  const signature = octets(children(signer)[5]);
  const parts = { content, certificate, attributes: children(attributes), signature };
  if (!isCanonical(der, parts)) throw new Refusal('bytes that nobody signed were changed or added');
  return {
    content,
    certificate: toDer(certificate),
    signedAttributes: toDer(
      forge.asn1.create(
        forge.asn1.Class.UNIVERSAL,
        forge.asn1.Type.SET,
        true,
        children(attributes),
      ),
    ),
    messageDigest: octets(messageDigest),
    signature,
  };
}

const NESTING_MAX = 24;

/** node-forge parses by recursion; hostile nesting is refused before it starts. */
function checkNesting(der: Uint8Array): void {
  const ends: number[] = [];
  for (let at = 0; at < der.length; ) {
    while (ends.length > 0 && at >= (ends.at(-1) ?? 0)) ends.pop();
    const tag = der[at] ?? 0;
    let length = der[at + 1] ?? 0;
    let header = 2;
    if (length > 0x80) {
      const count = length - 0x80;
      if (count > 4) throw new Refusal('a length is too large');
      length = 0;
      for (let i = 0; i < count; i += 1) length = length * 256 + (der[at + 2 + i] ?? 0);
      header += count;
    } else if (length === 0x80) throw new Refusal('it is not DER');
    if (at + header + length > der.length) throw new Refusal('it is cut off');
    const constructed = (tag & 0x20) !== 0;
    if (constructed) ends.push(at + header + length);
    if (ends.length > NESTING_MAX) throw new Refusal('it is nested too deeply');
    at += header + (constructed ? 0 : length);
  }
}

function children(node: Asn1 | undefined): Asn1[] {
  if (!node || !Array.isArray(node.value)) throw new Refusal('its structure is wrong');
  return node.value;
}

function child(node: Asn1 | undefined, index: number): Asn1 {
  const found = children(node)[index];
  if (!found) throw new Refusal('its structure is wrong');
  return found;
}

const isContext = (node: Asn1, tag: number): boolean =>
  node.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && Number(node.type) === tag;

function octets(node: Asn1 | undefined): Buffer {
  if (typeof node?.value !== 'string') throw new Refusal('its structure is wrong');
  return Buffer.from(node.value, 'latin1');
}

function oid(node: Asn1 | undefined): string {
  if (typeof node?.value !== 'string') throw new Refusal('its structure is wrong');
  return forge.asn1.derToOid(forge.util.createBuffer(node.value, 'raw'));
}

function attributeOf(attributes: Asn1, type: string): Asn1 {
  const found = children(attributes).find((attribute) => oid(child(attribute, 0)) === type);
  return child(child(found, 1), 0);
}

const toDer = (node: Asn1): Buffer => Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
