import { type DrawingContext, render } from 'bwip-js/node';
import type { Paper } from './page.ts';

/** `code128`: ISO/IEC 15417, a line of bars. `qrcode`: ISO/IEC 18004, a square. */
export type Symbology = 'code128' | 'qrcode';

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Draws a code that scanners read, as lines and areas: sharp at every resolution. The quiet zone is the caller's. */
export function drawCode(paper: Paper, symbology: Symbology, text: string, place: Place): void {
  const options = symbology === 'qrcode' ? { eclevel: 'M' } : {};
  // At an even scale the middle of every bar has whole coordinates.
  render({ bcid: symbology, text, scale: 2, ...options }, onPaper(paper, place));
}

function onPaper(paper: Paper, { x, y, width, height }: Place): DrawingContext<void> {
  return {
    scale: (sx, sy) => [sx, sy],
    measure: () => ({ width: 0, ascent: 0, descent: 0 }),
    init: (across, down) => {
      paper
        .save()
        .translate(x, y)
        .scale(width / across, height / down);
    },
    line: (x0, y0, x1, y1, lineWidth) => {
      paper.moveTo(x0, y0).lineTo(x1, y1).lineWidth(lineWidth).stroke('black');
    },
    polygon: (points) => {
      paper.polygon(...points);
    },
    hexagon: () => {},
    ellipse: () => {},
    fill: () => {
      paper.fill('black', 'even-odd');
    },
    text: () => {},
    end: () => {
      paper.restore();
    },
  };
}
