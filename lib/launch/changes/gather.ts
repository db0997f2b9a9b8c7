import { WaybillError } from '../../domain/errors.ts';
import { type Change, KINDS } from './change.ts';

/** A version that is to be released. */
export interface Release {
  version: string;
  /** As 2026-01-31. */
  date: string;
}

/** Puts the section of a release above those of earlier ones. Throws Usage. */
export function addRelease(
  changelog: string,
  changes: readonly Change[],
  release: Release,
): string {
  const { version } = release;
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/i.test(version))
    throw usage(`${version} is no version: give one as 1.2.3`);
  if (changelog.split('\n').some((line) => line.startsWith(`## ${version} `)))
    throw usage(`the changelog has version ${version} already`);
  if (changes.length === 0) throw usage('nothing has changed: lib/changes has no file');
  const earlier = /^## /m.exec(changelog)?.index ?? changelog.length;
  const head = changelog.slice(0, earlier).trimEnd();
  const rest = changelog.slice(earlier);
  return `${head}\n\n${sectionOf(changes, release)}${rest && `\n${rest}`}`;
}

function sectionOf(changes: readonly Change[], { version, date }: Release): string {
  const parts = Object.entries(KINDS).flatMap(([kind, heading]) => {
    const ofKind = changes.filter((change) => change.kind === kind);
    const lines = ofKind.map(({ text }) => `- ${text}\n`);
    return lines.length > 0 ? [`### ${heading}\n\n${lines.join('')}`] : [];
  });
  return [`## ${version} (${date})\n`, ...parts].join('\n');
}

const usage = (detail: string) => new WaybillError('Usage', { detail });
