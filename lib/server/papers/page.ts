import { join } from 'node:path';
import PDFDocument from 'pdfkit';

/** A sheet to draw on. Lengths are points (1/72 inch) from the upper left corner. */
export type Paper = PDFKit.PDFDocument;

/** 4 × 6 inches: what every label printer of a carrier takes. */
export const LABEL_SIZE: [number, number] = [288, 432];
/** ISO 216 A4. */
export const A4_SIZE: [number, number] = [595.28, 841.89];

/** Embedded from the packages of the checkout: papers look alike everywhere and name people in Greek and Cyrillic too. */
const FACES = {
  plain: 'DejaVuSans.ttf',
  bold: 'DejaVuSans-Bold.ttf',
  code: 'DejaVuSansMono.ttf',
} as const;
export type Face = keyof typeof FACES;

export interface PaperOptions {
  size: [number, number];
  /** Title of the document. */
  title: string;
  /** Directory of the font files. */
  fonts: string;
  now: Date;
}

/** Draws one sheet and returns it as a PDF file (ISO 32000). */
export async function drawPaper(
  { size, title, fonts, now }: PaperOptions,
  draw: (paper: Paper) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const paper = new PDFDocument({
    size,
    margin: 0,
    lang: 'en',
    displayTitle: true,
    autoFirstPage: false,
    info: { Title: title, Producer: 'Waybill', Creator: 'Waybill', CreationDate: now },
    font: join(fonts, FACES.plain),
  });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const written = new Promise<void>((resolve, reject) => {
    paper.on('data', (chunk: Uint8Array<ArrayBuffer>) => chunks.push(chunk));
    paper.once('end', resolve);
    paper.once('error', reject);
  });
  for (const [face, file] of Object.entries(FACES)) paper.registerFont(face, join(fonts, file));
  paper.addPage();
  draw(paper);
  paper.end();
  await written;
  return new Uint8Array(Buffer.concat(chunks));
}

interface Line {
  x: number;
  y: number;
  width: number;
  face?: Face;
  /** Points. */
  size?: number;
  align?: 'left' | 'center' | 'right';
}

/** One line of text, cut off with an ellipsis where it is too long. Returns the y below it. */
export function writeLine(paper: Paper, text: string, line: Line): number {
  const { x, y, width, face = 'plain', size = 8, align = 'left' } = line;
  paper.font(face).fontSize(size).fillColor('black');
  const height = paper.currentLineHeight();
  paper.text(text, x, y, { width, height, align, ellipsis: true, lineBreak: true });
  return y + height;
}

/** A name above a value. Returns the y below both. */
export function writePair(paper: Paper, [name, value]: [string, string], line: Line): number {
  const below = writeLine(paper, name, { ...line, face: 'plain', size: 6.5 });
  return writeLine(paper, value, { ...line, y: below }) + 3;
}

/** A thin line across. */
export function rule(paper: Paper, { x, y, width }: { x: number; y: number; width: number }): void {
  paper
    .moveTo(x, y)
    .lineTo(x + width, y)
    .lineWidth(0.75)
    .stroke('black');
}
