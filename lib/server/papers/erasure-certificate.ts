import { formatSize } from '../../domain/sizes.ts';
import { headText } from '../../keys/custody/head.ts';
import type { ErasureCertificate } from '../../keys/erasure-certificate.ts';
import { A4_SIZE, type Paper, rule, writeLine, writePair } from './page.ts';

const EDGE = 50;
const WIDTH = A4_SIZE[0] - 2 * EDGE;
const HALF = WIDTH / 2 - 10;

const TECHNIQUES = { clear: 'Clear', purge: 'Purge' } as const;
const whole = (count: number): string => count.toLocaleString('en');

/** The certificate of an erasure for people: one A4 sheet, and one with the signed document as text. */
export function drawErasureCertificate(
  paper: Paper,
  certificate: ErasureCertificate,
  der: Uint8Array,
): void {
  const { device, job, method } = certificate;
  const full = { x: EDGE, width: WIDTH };
  let y = writeLine(paper, 'Certificate of erasure', { ...full, y: EDGE, face: 'bold', size: 22 });
  y = writeLine(paper, `Device ${device.id}, job ${job.name}`, { ...full, y, size: 11 }) + 12;
  rule(paper, { ...full, y });
  y = writeLine(paper, verdictOf(certificate), { ...full, y: y + 12, face: 'bold', size: 14 }) + 10;
  y = Math.max(
    column(paper, left(certificate), EDGE, y),
    column(paper, right(certificate), EDGE + HALF + 20, y),
  );
  for (const row of longRows(certificate))
    y = writePair(paper, row, { ...full, y, face: 'code', size: 9 }) + 4;
  rule(paper, { ...full, y });
  y += 12;
  const technique = `${method.standard}: ${TECHNIQUES[method.technique]}`;
  y = writeLine(paper, technique, { ...full, y, face: 'bold', size: 12 }) + 4;
  for (const text of [`Done: ${method.done}.`, method.limits, ...remarks(certificate)]) {
    paper.font('plain').fontSize(10).fillColor('black');
    paper.text(text, EDGE, y, { width: WIDTH });
    y = paper.y + 6;
  }
  drawSigned(paper, der);
}

/** Simulated devices and what was not verified are said before anything else. */
function verdictOf({ device, verified }: ErasureCertificate): string {
  const parts = [
    'Erased',
    ...(device.simulated ? ['simulated device'] : []),
    verified === true
      ? 'seal verified before'
      : verified === false
        ? 'NOT VERIFIED'
        : 'verification not recorded',
  ];
  return parts.join('; ');
}

function left({ device, held, encrypted }: ErasureCertificate): [string, string][] {
  return [
    ['Serial number', device.serial ?? 'not known'],
    ['Model', device.model ?? 'not known'],
    ['Capacity', formatSize(device.capacityBytes)],
    ['Objects on it', held ? whole(held.objects) : 'not known: no seal'],
    ['Bytes of them', held ? whole(held.bytes) : 'not known: no seal'],
    ['Encrypted', encrypted ? 'yes, AES-256-GCM' : 'no'],
  ];
}

function right({
  erased,
  by,
  orderedBy,
  custody,
  issuedAt,
}: ErasureCertificate): [string, string][] {
  return [
    ['Erased (UTC)', erased.at],
    ['Files and bytes overwritten', `${whole(erased.files)}; ${whole(erased.bytes)}`],
    ['Erased by', by.name],
    ['Begun by', orderedBy ? `${orderedBy.name}, ${orderedBy.at}` : by.name],
    ['Entry of the custody log', whole(custody.seq)],
    ['Issued (UTC)', issuedAt],
  ];
}

function longRows({
  job,
  volumeId,
  held,
  custody,
  method,
}: ErasureCertificate): [string, string][] {
  return [
    ['Job', job.id],
    ['Volume', volumeId],
    ['Digest of the seal (SHA-256)', held?.sealDigest ?? 'no seal known'],
    ['Hash of the custody entry', custody.hash],
    ...(method.tool === null ? [] : [['Command', method.tool] as [string, string]]),
  ];
}

function remarks({ device, unverified, keyDestroyed }: ErasureCertificate): string[] {
  return [
    ...(device.simulated
      ? ['A folder of the station’s host stood in for a device: files were erased, no medium was.']
      : []),
    ...(unverified
      ? [`Not verified. ${unverified.byName} allowed it on ${unverified.at}: ${unverified.note}`]
      : []),
    keyDestroyed
      ? `The job’s key was destroyed in this installation by ${keyDestroyed.byName} on ${keyDestroyed.at} (cryptographic erase of every copy of the volume that only this key opens; backups from before, and manifests with their unlock code, are another matter).`
      : 'The job’s key was not destroyed.',
  ];
}

function column(paper: Paper, rows: [string, string][], x: number, top: number): number {
  return rows.reduce((y, row) => writePair(paper, row, { x, width: HALF, y, size: 10.5 }) + 4, top);
}

function drawSigned(paper: Paper, der: Uint8Array): void {
  paper.addPage();
  const full = { x: EDGE, width: WIDTH };
  const y = writeLine(paper, 'The signed document', { ...full, y: EDGE, face: 'bold', size: 14 });
  paper.font('plain').fontSize(10).fillColor('black');
  const how =
    'CMS SignedData by the authority of the installation over the facts of this certificate. Save the lines below as a file: openssl cms -verify -inform PEM -in FILE -CAfile ca.pem -nointern -certfile ca.pem, or waybill device verify-certificate FILE --ca ca.pem.';
  paper.text(how, EDGE, y + 6, { width: WIDTH });
  paper.font('code').fontSize(6);
  paper.text(headText(der), EDGE, paper.y + 8, { width: WIDTH });
}
