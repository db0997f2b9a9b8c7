/** Sizes are bytes. TB = 10¹² bytes, as in the rules of the options and on the label of every disk. */

export const KB = 1_000;
export const MB = 1_000_000;
export const GB = 1_000_000_000;
export const TB = 1_000_000_000_000;
export const KiB = 1_024;
export const MiB = 1_048_576;
export const GiB = 1_073_741_824;

const UNITS: Record<string, number> = { B: 1, KB, MB, GB, TB, KIB: KiB, MIB: MiB, GIB: GiB };

/** Bytes as people read them: decimal units, three significant digits ("1.50 GB"). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${bytes} B`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`;
}

/** A size that somebody chose: "50 TB", "1.5 TB", without zeros that say nothing. */
export const formatSize = (bytes: number): string =>
  formatBytes(bytes).replace(/(\.\d*?)0+ /, (_, kept) => `${kept === '.' ? '' : kept} `);

/** Reads "50TB", "1.5 GB", "300 MiB" or a plain number of bytes; undefined when it is none of them. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(text);
  if (!match) return undefined;
  const factor = UNITS[(match[2] || 'B').toUpperCase()];
  const bytes = factor === undefined ? Number.NaN : Number(match[1]) * factor;
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

/** Milliseconds as "4 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function formatDuration(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}
