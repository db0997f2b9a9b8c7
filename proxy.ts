import { type NextRequest, NextResponse } from 'next/server';
import { PATH_HEADER } from './app/_ui/path-header.ts';

/** Tells pages their own address, so that a sign-in can lead back to it. */
export function proxy(request: NextRequest): NextResponse {
  const headers = new Headers(request.headers);
  headers.set(PATH_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  return NextResponse.next({ request: { headers } });
}

export const config = { matcher: ['/((?!api/|_next/|icon.svg).*)'] };
