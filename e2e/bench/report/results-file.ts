import { readFileSync, writeFileSync } from 'node:fs';
import { formatBytes, MB, MiB } from '../../../lib/domain/sizes.ts';
import { describeGoal, isMet } from '../compare/goals.ts';
import type { Comparison } from '../compare/rounds.ts';
import type { GrowthRow } from '../growth.ts';
import { type Machine, machineLines } from '../measure/machine.ts';
import { comparisonTables, rssGoal, table } from './tables.ts';

/** The Markdown file: a head, and two sections of which each run writes its own and keeps the other. */

const HEAD = `# Benchmarks

Waybill beside programs that do comparable work, on the same data in one run. To repeat it:

\`\`\`sh
npm run bench                                    # all of it
npm run bench -- --quick                         # a few minutes, to try it
npm run bench -- --only large --places tmpfs     # a part; --help names the rest
npm run bench -- --growth                        # the section on growth
\`\`\`

Waybill runs as people run it: \`waybill copy --no-verify --no-seal\` of the bundle, with manifest and unlock code,
preflight, catalog and progress (loads are compared without the reading back, which is measured as verify). The data is
seeded and can neither be compressed nor deduplicated. After a round to warm up, each round runs everybody once, each
starting with another one; targets are removed between runs (on the disk emptied, because
ext4 makes whoever creates many files pay for those that were just removed). On the disk the time includes \`sync\` of its file system,
for everybody. The source lies in memory where there is room, so that the disk is only written.

**Ratio** is the time over Waybill's: above 1 Waybill was faster. **CPU s** is user and system time of the whole process
tree; **peak MiB** the highest sum of the resident memory of its processes, looked at every 50 ms, the highest of all
rounds. A goal is a ratio to reach or, of Waybill, memory to stay below.

Peers get what suits them: rclone \`--transfers\` twice the workers (faster here than as many), its crypt remote with
encrypted names; restic and borg without compression, which could gain nothing; borg with repokey-blake2, the faster of
its two; new repositories are made outside the time. \`tar | age\` encrypts to a fresh identity. \`sha256sum\` reads the
source, once as one process and once as one a worker; \`rclone copy\` without crypt compares checksums afterwards, as it
does unless told otherwise.
`;

/** What the tables mean. Numbers are in the tables, so that this stays true of another machine. */
const LIMITS = `## Where the time goes

- **Large files.** A load reads, takes SHA-256 and CRC-32, encrypts and writes; what these cost by themselves is among
  the machine's facts, and a load takes little more than their sum. Peers do less for a byte: \`cp\` and \`rsync\` neither
  encrypt nor keep a checksum, \`age\` encrypts and hashes nothing, \`rclone crypt\` as well. So a goal that is missed here
  is missed by SHA-256, for which Waybill has no replacement: people check it with \`sha256sum\`. With more cores than two a
  load goes faster, \`tar | age\` does not.
- **Every run** starts Node with two megabytes of program, opens the manifest and starts its threads, which run a small
  program of their own. "First run, until it copies" of the large files is that alone. Large files hide it, small ones do not.
- **Small files.** Four system calls a file of the source (lstat, open, read, fstat; close besides) are the larger part,
  as for \`tar\`, which leaves away the checksums. The scan is one thread's, because nothing may be written before all of
  it was looked at; the copying is everybody's.
- **Bag and unload of small files.** Each file is made under a temporary name, given mode and time, and renamed once its
  bytes are durable: six system calls, of which creating and renaming are the file system's own time.
- **A load that goes on inside a large file** reads again what it has of it, because SHA-256 of a whole object cannot be
  taken up in its middle: it costs reading the source, not writing the device.
- **Verify** proves frames by their tags and hashes nothing twice.
- **Memory.** The floor is Node itself and the program; each thread adds its heap, and bytes in flight are a few frames a
  thread.
- **Virtual machines.** Where the host takes back memory that was idle, the first use of a page costs several times its
  writing. So before each run as much memory as it needs is used and given back, for everybody.
- **Recovery data** reads the volume once more after the load, and is arithmetic in one row of all segments at a time.
`;

export const SECTIONS = { comparison: 'Side by side', growth: 'Growth' } as const;
export type Section = keyof typeof SECTIONS;

/** Replaces one section of the results file; the other stays. */
export function writeSection(path: string, section: Section, body: string): void {
  const before = read(path);
  const sections = (Object.keys(SECTIONS) as Section[]).flatMap((each) => {
    const text = each === section ? body.trim() : bodyOf(before, each);
    return text ? [`## ${SECTIONS[each]}\n\n${text}\n`] : [];
  });
  writeFileSync(path, [HEAD, LIMITS, ...sections].join('\n'));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function bodyOf(text: string, section: Section): string {
  const part = text.split(/^## /m).find((each) => each.startsWith(`${SECTIONS[section]}\n`));
  return part ? part.slice(SECTIONS[section].length).trim() : '';
}

export function comparisonSection(
  machine: Machine,
  comparisons: Comparison[],
  notes: string[],
): string {
  const facts = [...machineLines(machine), ...notes.map((note) => `- ${note}`)];
  return [facts.join('\n'), ...comparisons.map(comparisonTables)].join('\n\n');
}

const GROWTH_HEAD = ['', 'place', 'work', 's', 'files/s', 'MB/s', 'CPU s', 'peak MiB', ''];

export function growthSection(machine: Machine, rows: GrowthRow[], notes: string[]): string {
  const facts = [...machineLines(machine), ...notes.map((note) => `- ${note}`)];
  const about = `Each once; files of 64 to 1,000 bytes, or one file. "Until it copies" is the time from the start to the first
byte: opening the manifest, scanning and, of a second run, reading what is on the volume.`;
  return [facts.join('\n'), about, growthTable(rows)].join('\n\n');
}

function comparedText({ value, of, goal }: NonNullable<GrowthRow['ratio']>): string {
  const text = `${value.toFixed(2)}× ${of}`;
  return goal ? `${text}: ${describeGoal({ ...goal, met: isMet(goal, value) })}` : text;
}

/** The rows of growth as a Markdown table. */
export function growthTable(rows: GrowthRow[]): string {
  const cells = rows.map((row) => {
    const moved = row.cpuSeconds !== undefined && /load|verify/.test(row.work) && !row.note;
    const notes = [
      row.ratio && comparedText(row.ratio),
      row.note,
      row.rssBytes === undefined ? undefined : rssGoal(row.rssBytes),
    ];
    return [
      row.files > 1 ? `${row.subject}, ${formatBytes(row.bytes)}` : row.subject,
      row.place,
      row.work,
      row.seconds.toFixed(2),
      moved && row.files > 1 ? Math.round(row.files / row.seconds).toLocaleString('en') : '',
      moved ? (row.bytes / MB / row.seconds).toFixed(0) : '',
      row.cpuSeconds?.toFixed(2) ?? '',
      row.rssBytes === undefined ? '' : (row.rssBytes / MiB).toFixed(0),
      notes.filter((note) => note !== undefined).join('; '),
    ];
  });
  return table([GROWTH_HEAD, ...cells], 3);
}
