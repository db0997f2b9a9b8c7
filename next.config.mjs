const apiPolicy = [
  ...[
    "default-src 'none'",
    "object-src 'self'",
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
  ],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

const headers = [
  { key: 'x-content-type-options', value: 'nosniff' },
  { key: 'referrer-policy', value: 'no-referrer' },
  { key: 'permissions-policy', value: 'camera=(), microphone=(), geolocation=()' },
];

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  // Types are checked by `npm test`, once, for everything; a build on a user's machine need not repeat it.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  // AWS clients end the path with a slash and sign it so: a redirect would lose their request.
  skipTrailingSlashRedirect: true,
  serverExternalPackages: ['better-sqlite3', 'pino', 'node-forge', 'pdfkit', 'bwip-js'],
  transpilePackages: ['@cloudscape-design/components'],
  outputFileTracingRoot: import.meta.dirname,
  headers: async () => [
    { source: '/(.*)', headers },
    // Pages get theirs, with a nonce, from proxy.ts; an answer of the API runs nothing.
    { source: '/api/(.*)', headers: [{ key: 'content-security-policy', value: apiPolicy }] },
  ],
};
