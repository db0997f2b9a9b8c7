/** React and the design system set styles from scripts; nothing else may come from anywhere but the console itself. */
const isDevelopment = process.env.NODE_ENV === 'development';
const policy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const headers = [
  { key: 'content-security-policy', value: policy },
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
  headers: async () => [{ source: '/(.*)', headers }],
};
