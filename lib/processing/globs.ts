import picomatch from 'picomatch';

/** Whether a key matches one of some globs: `*` stays in its folder, `**` does not. Names that begin with a dot match too. */
export function globMatcher(globs: readonly string[]): (key: string) => boolean {
  if (globs.includes('**')) return () => true;
  // Extended globs can be made to backtrack for ever.
  const matches = picomatch([...globs], { dot: true, noextglob: true });
  return (key) => matches(key);
}
