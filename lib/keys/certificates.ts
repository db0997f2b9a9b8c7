import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { WaybillError } from '../domain/errors.ts';
import { forgeKeyOf, newKeyPair } from './key-pairs.ts';

/** A certificate and its private key, PEM. */
export interface KeyedCertificate {
  certificatePem: string;
  privateKeyPem: string;
}

const CA_YEARS = 20;
const DAY_MS = 86_400_000;

/** The installation's certificate authority: signs manifests and the certificates of jobs (X.509 v3, RFC 5280). */
export async function createAuthority(options: {
  name: string;
  now: Date;
}): Promise<KeyedCertificate> {
  const keys = await newKeyPair();
  const certificate = newCertificate(keys.publicKeyPem, options.now, CA_YEARS * 365);
  const subject = [
    { name: 'organizationName', value: 'Waybill' },
    { name: 'commonName', value: options.name.slice(0, 60) },
  ];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    { name: 'subjectKeyIdentifier' },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: certificate.generateSubjectKeyIdentifier().getBytes(),
    },
  ]);
  certificate.sign(forgeKeyOf(keys.privateKeyPem), forge.md.sha256.create());
  return {
    certificatePem: forge.pki.certificateToPem(certificate),
    privateKeyPem: keys.privateKeyPem,
  };
}

/** The certificate with which the agent signs the seal of one job. Valid `days` from `now`. */
export async function issueJobCertificate(
  authority: KeyedCertificate,
  options: { jobId: string; deviceId: string; now: Date; days: number },
): Promise<KeyedCertificate> {
  const keys = await newKeyPair();
  const issuer = forge.pki.certificateFromPem(authority.certificatePem);
  const certificate = newCertificate(keys.publicKeyPem, options.now, options.days);
  certificate.setSubject([
    { name: 'organizationName', value: 'Waybill' },
    { name: 'commonName', value: `job ${options.jobId}` },
  ]);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'subjectAltName', altNames: [{ type: 6, value: jobUri(options.jobId) }] },
    { name: 'subjectKeyIdentifier' },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes(),
    },
  ]);
  certificate.sign(forgeKeyOf(authority.privateKeyPem), forge.md.sha256.create());
  return {
    certificatePem: forge.pki.certificateToPem(certificate),
    privateKeyPem: keys.privateKeyPem,
  };
}

const jobUri = (jobId: string): string => `urn:waybill:job:${jobId}`;

/** Who may have signed: the authority itself, or the certificate that it issued for one job. */
export type Signer = { role: 'authority' } | { role: 'job'; jobId: string };

/**
 * Checks that a certificate is the authority's own, or the one of a job that the authority issued, and that both are
 * valid in time. Throws SignatureInvalid.
 */
export function verifyChain(
  certificatePem: string,
  caPem: string,
  options: { signer: Signer; now?: Date | undefined },
): void {
  const { signer, now = new Date() } = options;
  const certificate = parse(certificatePem);
  const ca = parse(caPem);
  if (!ca.ca) throw refuse('what it is checked against is no authority');
  if (signer.role === 'authority') {
    if (certificate.fingerprint256 !== ca.fingerprint256)
      throw refuse('the authority itself has to sign this, and another certificate did');
  } else {
    // The name of the issuer proves nothing: another authority may have the same.
    if (certificate.ca || !certificate.checkIssued(ca) || !certificate.verify(ca.publicKey))
      throw refuse('another authority issued it');
    if (certificate.subjectAltName !== `URI:${jobUri(signer.jobId)}`)
      throw refuse(`it does not belong to job ${signer.jobId}`);
  }
  requireInTime(ca, now);
  requireInTime(certificate, now);
}

function requireInTime({ validFrom, validTo }: X509Certificate, now: Date): void {
  const times = { now: now.toISOString(), from: new Date(validFrom).toISOString() };
  if (now.getTime() < Date.parse(validFrom))
    throw refuse(`it is valid from ${times.from}, and the clock says ${times.now}`, times);
  if (now.getTime() > Date.parse(validTo))
    throw refuse(`it is valid from ${validFrom} to ${validTo}`);
}

const refuse = (detail: string, times?: { now: string; from: string }): WaybillError =>
  new WaybillError('SignatureInvalid', { ...times, what: 'the certificate', detail });

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new WaybillError('SignatureInvalid', {
      what: 'the certificate',
      detail: 'it cannot be read',
    });
  }
}

/** SHA-256 fingerprint of a certificate, hex. Throws SignatureInvalid. */
export function fingerprint(certificatePem: string): string {
  return parse(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Whether a private key is the one of a certificate. */
export function keyFits({ certificatePem, privateKeyPem }: KeyedCertificate): boolean {
  const own = createPublicKey(createPrivateKey(privateKeyPem)).export({
    type: 'spki',
    format: 'der',
  });
  return own.equals(parse(certificatePem).publicKey.export({ type: 'spki', format: 'der' }));
}

function newCertificate(publicKeyPem: string, now: Date, days: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  const serial = randomBytes(16);
  // A serial number is a positive integer (RFC 5280 §4.1.2.2): clear the sign bit, avoid a leading zero.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  certificate.serialNumber = serial.toString('hex');
  // A minute back, for hosts whose clocks run a little behind.
  certificate.validity.notBefore = new Date(now.getTime() - 60_000);
  certificate.validity.notAfter = new Date(now.getTime() + days * DAY_MS);
  return certificate;
}
