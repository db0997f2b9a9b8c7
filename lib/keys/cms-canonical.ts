import forge from 'node-forge';

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
  sha256: '2.16.840.1.101.3.4.2.1',
  rsa: '1.2.840.113549.1.1.1',
};

type Asn1 = forge.asn1.Asn1;
const { UNIVERSAL, CONTEXT_SPECIFIC } = forge.asn1.Class;
const { SEQUENCE, SET, OCTETSTRING, INTEGER, NULL, OID: OBJECT } = forge.asn1.Type;

const sequence = (...parts: Asn1[]) => forge.asn1.create(UNIVERSAL, SEQUENCE, true, parts);
const set = (...parts: Asn1[]) => forge.asn1.create(UNIVERSAL, SET, true, parts);
const wrapped = (parts: Asn1[]) =>
  forge.asn1.create(CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, parts);
const octetString = (bytes: Buffer) =>
  forge.asn1.create(UNIVERSAL, OCTETSTRING, false, bytes.toString('latin1'));
const objectId = (oid: string) =>
  forge.asn1.create(UNIVERSAL, OBJECT, false, forge.asn1.oidToDer(oid).getBytes());
const versionOne = () => forge.asn1.create(UNIVERSAL, INTEGER, false, '\x01');
const nothing = () => forge.asn1.create(UNIVERSAL, NULL, false, '');

/** What of a SignedData is free: the rest follows from it. */
export interface SignedDataParts {
  content: Buffer | undefined;
  certificate: Asn1;
  attributes: Asn1[];
  signature: Buffer;
}

/**
 * Whether bytes are one of the two encodings (DER, RFC 5652) that a SignedData of these parts may have: its algorithms
 * are SHA-256 and RSA, with or without the empty parameters of SHA-256 (RFC 5754 §2), in both places alike. The
 * signature covers the content and the attributes only, so that whatever stands around them has to be exactly this.
 */
export function isCanonical(der: Uint8Array, parts: SignedDataParts): boolean {
  const given = Buffer.from(der);
  const issuer = issuerAndSerial(parts.certificate);
  if (!issuer) return false;
  return [[nothing()], []].some((parameters) => {
    const expected = forge.asn1.toDer(signedDataOf(parts, issuer, parameters)).getBytes();
    return given.equals(Buffer.from(expected, 'latin1'));
  });
}

function signedDataOf(
  { content, certificate, attributes, signature }: SignedDataParts,
  issuer: Asn1,
  parameters: Asn1[],
): Asn1 {
  const digestAlgorithm = () => sequence(objectId(OID.sha256), ...parameters);
  const signerInfo = sequence(
    versionOne(),
    issuer,
    digestAlgorithm(),
    wrapped(attributes),
    sequence(objectId(OID.rsa), nothing()),
    octetString(signature),
  );
  const signedData = sequence(
    versionOne(),
    set(digestAlgorithm()),
    sequence(objectId(OID.data), ...(content ? [wrapped([octetString(content)])] : [])),
    wrapped([certificate]),
    set(signerInfo),
  );
  return sequence(objectId(OID.signedData), wrapped([signedData]));
}

/** As the certificate itself says (RFC 5280 §4.1: version, serial number, signature, issuer). */
function issuerAndSerial(certificate: Asn1): Asn1 | undefined {
  const [tbs] = certificate.value as Asn1[];
  const [, serial, , issuer] = (tbs?.value ?? []) as Asn1[];
  return serial && issuer ? sequence(issuer, serial) : undefined;
}
