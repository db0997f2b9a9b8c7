/**
 * One line of CSV with its line end (RFC 4180). A text that a spreadsheet would run as a formula gets an
 * apostrophe before it (OWASP, "CSV injection"); numbers stay numbers.
 */
export function csvRecord(fields: readonly (string | number | null | undefined)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number | null | undefined): string {
  if (typeof field === 'number') return String(field);
  const text = field ?? '';
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
