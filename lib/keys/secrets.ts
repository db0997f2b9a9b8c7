import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Prefixes that say what a token is for, so that a leaked one can be recognized. */
export const TOKEN_PREFIX = { person: 'wbp_', job: 'wbj_', station: 'wbs_' } as const;
export type TokenKind = keyof typeof TOKEN_PREFIX;

/** A new bearer token: 256 random bits. */
export function makeToken(kind: TokenKind): string {
  return TOKEN_PREFIX[kind] + randomBytes(32).toString('base64url');
}

/** What is kept of a token: its SHA-256, hex. 256 random bits need no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares without telling by its time where the two differ. */
export function safeEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const SECRETS: [RegExp, string][] = [
  [/\bwb[pjs]_[A-Za-z0-9_-]{16,}/g, '[token]'],
  [/\bwhsec_[A-Za-z0-9+/=]{16,}/g, '[webhook secret]'],
  [/\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){4}\b/gi, '[unlock code]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, '[private key]'],
  [/(authorization["']?\s*[:=]\s*["']?)[^"'\r\n,}]+/gi, '$1[redacted]'],
];

/** Text for a log, without what must never be in one. */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [pattern, word]) => clean.replace(pattern, word), text);
}
