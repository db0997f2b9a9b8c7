import { proofWords } from '../../domain/proofs.ts';
import type { ArchiveFacts, ReportSummary } from '../../domain/report.ts';
import { headText, type SignedHead } from '../../keys/custody/head.ts';
import { A4_SIZE, type Paper, rule, writeLine, writePair } from './page.ts';

/** What stands on a completion report. */
export interface ReportFacts {
  jobName: string;
  /** Option and type. */
  kind: string;
  store: string;
  summary: ReportSummary;
  /** The signed head of the custody log. */
  head?: SignedHead | undefined;
}

const EDGE = 50;
const WIDTH = A4_SIZE[0] - 2 * EDGE;
const HALF = WIDTH / 2 - 10;

const OUTCOME_TEXTS: Record<ReportSummary['outcome'], string> = {
  succeeded: 'Completed',
  'with-warnings': 'Completed; some objects were left out by rule',
  'with-errors': 'Completed with errors',
};

const STOPPED = 'Stopped before its end: what did land until then';

const whole = (count: number): string => count.toLocaleString('en');

/** The completion report of a job for people: one A4 sheet. Each object has its line in the two logs. */
export function drawCompletionReport(paper: Paper, facts: ReportFacts): void {
  const { summary, jobName, kind, store } = facts;
  const full = { x: EDGE, width: WIDTH };
  let y = writeLine(paper, 'Completion report', { ...full, y: EDGE, face: 'bold', size: 22 });
  y = writeLine(paper, `${jobName} (${kind})`, { ...full, y, size: 11 }) + 12;
  rule(paper, { ...full, y });
  const ended = summary.partial ? STOPPED : OUTCOME_TEXTS[summary.outcome];
  y = writeLine(paper, ended, {
    ...full,
    y: y + 12,
    face: 'bold',
    size: 14,
  });
  y += 10;
  const left: [string, string][] = [
    ['Objects', whole(summary.objects)],
    ['Bytes', whole(summary.bytes)],
    ['Were there already', whole(summary.alreadyPresent)],
    ['Left out by rule', whole(summary.skipped)],
    ['Failed', whole(summary.failed)],
  ];
  const right: [string, string][] = [
    ['Started (UTC)', summary.startedAt],
    ['Finished (UTC)', summary.finishedAt],
    ['Store', store],
    ['Device', summary.deviceId],
    ['Made by', `waybill ${summary.agentVersion}`],
  ];
  const column = (rows: [string, string][], x: number): number =>
    rows.reduce((at, row) => writePair(paper, row, { x, width: HALF, y: at, size: 10.5 }) + 4, y);
  y = Math.max(column(left, EDGE), column(right, EDGE + HALF + 20));
  for (const row of longRows(summary)) {
    y = writePair(paper, row, { ...full, y, face: 'code', size: 9 }) + 4;
  }
  rule(paper, { ...full, y });
  y += 12;
  const logs =
    'One line an object: success.csv and failure.csv, with key, bytes, SHA-256 and result.';
  for (const note of [...(summary.notes ?? []), logs]) {
    paper.font('plain').fontSize(10).fillColor('black');
    paper.text(note, EDGE, y, { width: WIDTH });
    y = paper.y + 6;
  }
  if (facts.head) drawHead(paper, facts.head);
}

/** A sheet with the head as text, for whoever keeps the paper or the file. */
function drawHead(paper: Paper, { seq, hash, at, der }: SignedHead): void {
  paper.addPage();
  const full = { x: EDGE, width: WIDTH };
  let y = writeLine(paper, 'Head of the custody log', { ...full, y: EDGE, face: 'bold', size: 14 });
  const rows: [string, string][] = [
    ['Entries', whole(seq)],
    ['Signed (UTC)', at],
    ['Hash of the last entry', hash],
  ];
  y += 8;
  for (const row of rows) y = writePair(paper, row, { ...full, y, face: 'code', size: 9 }) + 4;
  paper.font('plain').fontSize(10).fillColor('black');
  const how =
    'Signed by the authority of the installation. Kept elsewhere it shows whether the log was cut off or rewritten since: save the lines below as a file and run waybill audit verify --head FILE.';
  paper.text(how, EDGE, y + 4, { width: WIDTH });
  paper.font('code').fontSize(7);
  paper.text(headText(der), EDGE, paper.y + 8, { width: WIDTH });
}

const longRows = (summary: ReportSummary) => {
  const { jobId, volumeId, destination, sealDigest, archive, proofs } = summary;
  const rows: [string, string][] = [
    ['Job', jobId],
    ['Volume', volumeId],
    ['Destination', destination],
    ...(archive ? archiveRows(archive) : []),
    ...(proofs ? [['Bytes proved', proofWords(proofs) || 'no object'] as [string, string]] : []),
    ['Digest of the seal (SHA-256)', sealDigest],
  ];
  return rows;
};

const archiveRows = ({ key, bytes, sha256 }: ArchiveFacts): [string, string][] => [
  ['Archive of the whole device', `${key}, ${whole(bytes)} bytes`],
  ['SHA-256 of the archive', sha256],
];
