/** The JSON of a line; undefined for what a crash left of one, which is never JSON. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
