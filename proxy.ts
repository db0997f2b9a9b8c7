import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { PATH_HEADER } from './app/_data/path-header.ts';

const POLICY = 'content-security-policy';
const YEAR_SECONDS = 31_536_000;
const isDevelopment = process.env.NODE_ENV === 'development';

/**
 * Only scripts that this answer names by its nonce run, and what they load. Styles: the design system sets
 * `style` attributes, which no nonce can name, so those stay allowed; they run nothing.
 */
const policyOf = (nonce: string): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Gives every page its policy, and tells it its own address, so that a sign-in can lead back to it. */
export function proxy(request: NextRequest): NextResponse {
  const policy = policyOf(randomBytes(16).toString('base64'));
  const headers = new Headers(request.headers);
  headers.set(PATH_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  // Next reads the nonce from here for the scripts that it writes.
  headers.set(POLICY, policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set(POLICY, policy);
  if (request.headers.get('x-forwarded-proto') === 'https')
    response.headers.set('strict-transport-security', `max-age=${YEAR_SECONDS}`);
  return response;
}

export const config = { matcher: ['/((?!api/|_next/|icon.svg).*)'] };
