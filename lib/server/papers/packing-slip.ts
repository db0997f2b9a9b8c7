import { drawCode } from './barcodes.ts';
import { A4_SIZE, type Paper, rule, writeLine, writePair } from './page.ts';
import { LEG_TITLES, type PaperFacts } from './shipping-label.ts';

const EDGE = 50;
const WIDTH = A4_SIZE[0] - 2 * EDGE;
const HALF = WIDTH / 2 - 10;

const CHECKS: Record<PaperFacts['leg'], string[]> = {
  'to-site': [
    'The case is whole, and the numbers of the tamper seals are those above.',
    'If not: do not connect the device; report an incident on the page of the job.',
    'Mark the device delivered, with the numbers that are on the case. Manifest and unlock code are on the page of the job: bring them on different ways.',
  ],
  'to-facility': [
    'The case is whole, and the numbers of the tamper seals are those above.',
    'If not: set the device aside and report an incident on the page of the job.',
    'Enter the numbers that are on the case: the console compares them with those of the departure.',
    'Receive the device at a station: it proves the seal of the volume before anything is imported.',
  ],
};

/** The sheet that goes into the box: A4. */
export function drawPackingSlip(paper: Paper, facts: PaperFacts): void {
  const full = { x: EDGE, width: WIDTH };
  let y = writeLine(paper, 'Packing slip', { ...full, y: EDGE, face: 'bold', size: 22 });
  y = writeLine(paper, `${LEG_TITLES[facts.leg]}: ${facts.kind}`, { ...full, y, size: 11 });
  const side = 92;
  const square = { x: EDGE + WIDTH - side, y: EDGE - 4, width: side, height: side };
  drawCode(paper, 'qrcode', facts.code, square);
  y = EDGE + side + 10;
  rule(paper, { ...full, y });
  y = pairs(paper, facts, y + 12);
  rule(paper, { ...full, y });
  y = writeLine(paper, 'For whoever opens the box', { ...full, y: y + 14, face: 'bold', size: 12 });
  y += 6;
  for (const check of CHECKS[facts.leg]) {
    paper
      .rect(EDGE, y + 1, 9, 9)
      .lineWidth(0.75)
      .stroke('black');
    paper.font('plain').fontSize(10).fillColor('black');
    paper.text(check, EDGE + 18, y, { width: WIDTH - 18 });
    y = paper.y + 6;
  }
  signatures(paper, y + 30);
}

function pairs(paper: Paper, facts: PaperFacts, top: number): number {
  const { carrier, service, trackingNumber, sealNumbers, sealDigest, from, to } = facts;
  const left: [string, string][] = [
    ['Job', facts.jobName],
    ['Job id', facts.jobId],
    ['Carrier', [carrier, service].filter(Boolean).join(', ') || '–'],
    ['Tracking number', trackingNumber || '–'],
  ];
  const right: [string, string][] = [
    ['Device', facts.deviceId],
    ['Size', facts.deviceSize],
    ['Volume', facts.volume],
    ['Tamper seals', sealNumbers.join(', ') || 'none noted'],
  ];
  const column = (rows: [string, string][], x: number, startY: number) =>
    rows.reduce((y, row) => writePair(paper, row, { x, width: HALF, y, size: 10.5 }) + 4, startY);
  const places = (title: string, lines: string[], x: number, startY: number) =>
    lines.reduce(
      (y, line) => writeLine(paper, line, { x, width: HALF, y, size: 10.5 }),
      lines.length > 0 ? writeLine(paper, title, { x, width: HALF, y: startY, size: 6.5 }) : startY,
    );
  const [one, two] = [EDGE, EDGE + HALF + 20];
  let y = Math.max(places('From', from, one, top), places('To', to, two, top));
  if (y > top) y += 12;
  y = Math.max(column(left, one, y), column(right, two, y));
  if (sealDigest === '') return y + 4;
  const line = { x: EDGE, width: WIDTH, y, face: 'code', size: 9 } as const;
  return writePair(paper, ['Digest of the seal (SHA-256)', sealDigest], line) + 6;
}

function signatures(paper: Paper, top: number): void {
  for (const [i, who] of ['Handed over by, date', 'Received by, date'].entries()) {
    const x = EDGE + i * (HALF + 20);
    rule(paper, { x, y: top + 24, width: HALF });
    writeLine(paper, who, { x, y: top + 28, width: HALF, size: 8 });
  }
}
