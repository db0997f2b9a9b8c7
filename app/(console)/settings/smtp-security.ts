import type { SmtpSecurity } from '../../../lib/domain/notifications.ts';

/** How mail is kept from being read on its way, and the usual port of each. */
export const SECURITY: Record<SmtpSecurity, { label: string; description: string; port: number }> =
  {
    starttls: {
      label: 'STARTTLS',
      description: 'Encrypted after the greeting; a server without it is refused.',
      port: 587,
    },
    tls: { label: 'TLS', description: 'Encrypted from the first byte.', port: 465 },
    none: {
      label: 'None',
      description: 'Mail and password cross the network in clear; only for this host.',
      port: 25,
    },
  };
