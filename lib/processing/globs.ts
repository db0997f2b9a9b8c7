import picomatch from 'picomatch';

type Matcher = (key: string) => boolean;

/** Whether a key matches one of some globs: `*` stays in its folder, `**` does not. Names that begin with a dot match too. */
export function globMatcher(globs: readonly string[]): Matcher {
  if (globs.includes('**')) return () => true;
  const matchers = globs.map(matcherOf);
  const [only] = matchers;
  // Filters look at every object of a source, mostly by one pattern.
  if (only && matchers.length === 1) return only;
  return (key) => matchers.some((matches) => matches(key));
}

/** No character of it has a meaning in a glob. */
const PLAIN = String.raw`[^*?[\]{}()!+@|\\]`;
const BY_END = new RegExp(String.raw`^\*\*/\*((?!/)${PLAIN}*)$`);
const BELOW = new RegExp(String.raw`^(${PLAIN}+)/\*\*$`);

/** The two kinds of globs that most filters have need no expression. */
function matcherOf(glob: string): Matcher {
  const [, end] = BY_END.exec(glob) ?? [];
  if (end !== undefined && !end.includes('/')) return (key) => key.endsWith(end);
  const [, folder] = BELOW.exec(glob) ?? [];
  if (folder !== undefined) return (key) => key === folder || key.startsWith(`${folder}/`);
  const regex = expressionOf(glob);
  return (key) => key === glob || regex.test(key);
}

/**
 * What picomatch makes of `**` looks at every character for a `.` or `..` between slashes, which no key has, and takes
 * a newline for the end. Extended globs are left out: they can be made to backtrack for ever.
 */
function expressionOf(glob: string): RegExp {
  const { source } = picomatch.makeRe(glob, { dot: true, noextglob: true });
  const plain = source
    .replaceAll(String.raw`(?:(?!(?:^|\/)\.{1,2}(?:\/|$)).)*?`, String.raw`[\s\S]*?`)
    .replaceAll(String.raw`(?!(?:^|\/)\.{1,2}(?:\/|$))`, '')
    .replaceAll(String.raw`(?!\.{1,2}(?:\/|$))`, '');
  return new RegExp(plain);
}
