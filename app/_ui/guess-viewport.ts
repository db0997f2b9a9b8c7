/** Cookie with whether the window was as narrow as a phone when the console was looked at last. */
export const NARROW_COOKIE = 'waybill-narrow';

/** Whether to paint for a phone: as the window was last, else as the browser says of itself. */
export function guessNarrow(
  cookie: string | undefined,
  sent: { get: (header: string) => string | null },
): boolean {
  if (cookie === 'yes' || cookie === 'no') return cookie === 'yes';
  const hint = sent.get('sec-ch-ua-mobile');
  return hint === null ? /\bMobile\b/.test(sent.get('user-agent') ?? '') : hint === '?1';
}
