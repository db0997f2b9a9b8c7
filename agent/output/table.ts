// Besides control characters: marks that change the direction of text and so can hide what a line says.
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text of other people, as one line that cannot command a terminal. */
export function plain(text: string): string {
  return text.replace(
    UNSAFE,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}}`,
  );
}

/** Rows as lines with aligned columns; every cell is made plain. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map(plain));
  return aligned(cells);
}

/** "name   value" lines; pairs without a value are left out. */
export function pairs(rows: readonly (readonly [string, string | null | undefined])[]): string[] {
  return aligned(rows.flatMap(([name, value]) => (value ? [[`${name}:`, plain(value)]] : [])));
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
