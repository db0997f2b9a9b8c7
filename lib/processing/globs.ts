import picomatch from 'picomatch';

/** Whether a key matches one of some globs: `*` stays in its folder, `**` does not. Names that begin with a dot match too. */
export function globMatcher(globs: readonly string[]): (key: string) => boolean {
  if (globs.includes('**')) return () => true;
  // Extended globs can be made to backtrack for ever.
  const options = { dot: true, noextglob: true };
  // The expressions alone: what picomatch does around them costs more than they do.
  const matchers = globs.map((glob) => ({ glob, regex: picomatch.makeRe(glob, options) }));
  return (key) => matchers.some(({ glob, regex }) => key === glob || regex?.test(key));
}
