import type { Leg } from '../../domain/words.ts';
import { drawCode } from './barcodes.ts';
import { LABEL_SIZE, type Paper, rule, writeLine, writePair } from './page.ts';

/** What stands on the papers of one shipment leg. Empty text and empty lists are left out. */
export interface PaperFacts {
  leg: Leg;
  jobId: string;
  jobName: string;
  /** Option and direction, in words. */
  kind: string;
  deviceId: string;
  deviceSize: string;
  volume: string;
  /** Address lines, name first. */
  from: string[];
  to: string[];
  carrier: string;
  service: string;
  trackingNumber: string;
  sealNumbers: string[];
  /** Digest of the volume's seal, hexadecimal. */
  sealDigest: string;
  /** What a scanner reads from the square code. */
  code: string;
}

export const LEG_TITLES: Record<Leg, string> = {
  'to-site': 'To the site',
  'to-facility': 'Return to the facility',
};

const EDGE = 14;
const WIDTH = LABEL_SIZE[0] - 2 * EDGE;
const HALF = WIDTH / 2 - 4;
/** More address lines than these are set smaller. */
const LARGE_LINES = 6;

/** The label that goes on the box: 4 × 6 inches. */
export function drawLabel(paper: Paper, facts: PaperFacts): void {
  const full = { x: EDGE, width: WIDTH };
  let y = writeLine(paper, LEG_TITLES[facts.leg], { ...full, y: EDGE, face: 'bold', size: 17 });
  y = writeLine(paper, facts.kind, { ...full, y });
  rule(paper, { ...full, y: y + 5 });
  y = addresses(paper, facts, y + 11);
  rule(paper, { ...full, y });
  y = carriage(paper, facts, y + 6);
  rule(paper, { ...full, y });
  device(paper, facts, y + 8);
  const foot = LABEL_SIZE[1] - EDGE - 9;
  writeLine(paper, facts.jobId, { ...full, y: foot, face: 'code', size: 7.5, align: 'center' });
}

/** From small, to large, as carriers do. Returns the y below. */
function addresses(paper: Paper, { from, to }: PaperFacts, top: number): number {
  if (from.length + to.length === 0) return top;
  let y = top;
  if (from.length > 0) {
    const line = { x: EDGE, width: WIDTH, size: 7 };
    y = writeLine(paper, `From: ${from.join(', ')}`, { ...line, y }) + 6;
  }
  const column = { x: EDGE, width: WIDTH };
  if (to.length > 0) y = writeLine(paper, 'To', { ...column, y, size: 6.5 });
  const size = to.length > LARGE_LINES ? 8.5 : 11.5;
  for (const [i, line] of to.entries())
    y = writeLine(paper, line, { ...column, y, face: i === 0 ? 'bold' : 'plain', size });
  return y + 5;
}

/** Carrier and tracking number, readable and as a code. Returns the y below. */
function carriage(paper: Paper, facts: PaperFacts, top: number): number {
  const { carrier, service, trackingNumber } = facts;
  if (carrier === '' && trackingNumber === '') {
    const blank = { x: EDGE, width: WIDTH, y: top };
    return writePair(paper, ['Carrier and tracking number', '\u00a0'], blank) + 4;
  }
  const by = [carrier, service].filter(Boolean).join(', ');
  const y = writePair(paper, ['Carrier', by], { x: EDGE, width: WIDTH, y: top, size: 9 });
  if (!isBarcode(trackingNumber)) {
    const line = { x: EDGE, width: WIDTH, y, size: 9 };
    return trackingNumber ? writePair(paper, ['Tracking number', trackingNumber], line) + 2 : y + 2;
  }
  drawCode(paper, 'code128', trackingNumber, { x: EDGE + 10, y, width: WIDTH - 20, height: 34 });
  const line = { x: EDGE, width: WIDTH, y: y + 36, face: 'code', size: 9 } as const;
  return writeLine(paper, trackingNumber, { ...line, align: 'center' }) + 4;
}

/** Device, seals and the square code that the facility scans. */
function device(paper: Paper, facts: PaperFacts, top: number): void {
  const { deviceId, sealNumbers, code } = facts;
  const side = 96;
  drawCode(paper, 'qrcode', code, {
    x: EDGE + WIDTH - side - 4,
    y: top,
    width: side,
    height: side,
  });
  const column = { x: EDGE, width: WIDTH - side - 20 };
  let y = writePair(paper, ['Device', deviceId], { ...column, y: top, face: 'bold', size: 11 });
  if (isBarcode(deviceId)) {
    drawCode(paper, 'code128', deviceId, { x: EDGE + 4, y, width: column.width - 8, height: 26 });
    y += 31;
  }
  y = writePair(paper, ['Job', facts.jobName], { ...column, y, size: 9 });
  const seals = sealNumbers.join(', ') || 'none noted';
  writePair(paper, ['Tamper seals', seals], { ...column, y, size: 9, width: HALF + 20 });
}

/** Short enough for bars that a hand scanner reads from a label, in characters that Code 128 has. */
function isBarcode(text: string): boolean {
  return /^[\x20-\x7e]{1,34}$/.test(text);
}
