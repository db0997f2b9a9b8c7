import { WaybillError } from '../../domain/errors.ts';

/** A user-visible change that is not released yet: one file of `lib/changes`. */
export interface Change {
  kind: ChangeKind;
  /** One or two sentences of Markdown, on one line. */
  text: string;
}

export type ChangeKind = keyof typeof KINDS;

/** The kinds of changes, in the order of the changelog, with their headings. */
export const KINDS = {
  security: 'Security',
  added: 'Added',
  changed: 'Changed',
  fixed: 'Fixed',
};

/** What one or two sentences need. */
const TEXT_MAX = 500;

/** Reads a change file. Throws Usage. */
export function parseChange(path: string, content: string): Change {
  const problem = findProblem(path, content);
  if (problem) throw new WaybillError('Usage', { detail: `${path}: ${problem}` });
  const [kind = '', ...lines] = content.trim().split('\n');
  return { kind: kind as ChangeKind, text: lines.join(' ').trim().replace(/\s+/g, ' ') };
}

/** What is wrong with a change file and how it has to be, or undefined. */
function findProblem(path: string, content: string): string | undefined {
  const [kind = '', ...lines] = content.trim().split('\n');
  const text = lines.join('\n').trim();
  if (!/^[a-z0-9-]+\.md$/.test(path.slice(path.lastIndexOf('/') + 1)))
    return 'its name has to be small letters, digits and hyphens, and end in .md';
  if (!Object.hasOwn(KINDS, kind))
    return `its first line has to be ${Object.keys(KINDS).join(', ')}, and nothing else`;
  if (text === '') return 'what changed is missing: one or two sentences after the first line';
  if (/\n\s*\n/.test(text) || /^\s*([-*#>|]|\d+\.)\s/m.test(text))
    return 'it has to be one paragraph, without list, heading or table';
  if (text.length > TEXT_MAX)
    return `one or two sentences are enough: ${text.length} of at most ${TEXT_MAX} characters`;
  if (!/[.!?]\)?$/.test(text)) return 'its last sentence has to end with a full stop';
  return undefined;
}
