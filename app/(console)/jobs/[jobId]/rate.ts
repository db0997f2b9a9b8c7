/** A moment of a transfer: bytes so far, milliseconds. */
export interface Sample {
  bytes: number;
  atMs: number;
}

const WINDOW_MS = 20_000;

/** The samples of the last seconds with a new one; the same moment again changes nothing. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && last.atMs >= sample.atMs) return samples;
  const recent = samples.filter(({ atMs }) => atMs >= sample.atMs - WINDOW_MS);
  return [...recent, sample];
}

/** Bytes a second over the samples; 0 while it is not known. */
export function rateOf(samples: readonly Sample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.atMs <= first.atMs) return 0;
  return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs));
}

/** Milliseconds for what is left; undefined while nothing moves. */
export function etaMs(bytesLeft: number, bytesPerSecond: number): number | undefined {
  return bytesPerSecond > 0 ? (Math.max(0, bytesLeft) * 1000) / bytesPerSecond : undefined;
}
