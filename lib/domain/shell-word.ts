/** A word as it is typed in a POSIX shell: quoted where the shell would read it otherwise. */
export function shellWord(text: string): string {
  return /^[\w./@:%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
