import { WaybillError } from '../../lib/domain/errors.ts';
import type { Trust } from '../../lib/keys/statements.ts';
import { readGiven } from '../host/read-input-file.ts';
import { consoleClient } from './client.ts';
import type { ConsoleOptions } from './sign-in.ts';

/** How a command knows the authority whose signature it checks. */
export interface TrustOptions {
  ca?: string;
  fingerprint?: string;
}

/**
 * The authority to check against: its certificate in a file, its fingerprint, or, where the console is asked anyway, the
 * certificate that the console itself gives. Throws Usage.
 */
export async function trustOf(options: TrustOptions & ConsoleOptions): Promise<Trust> {
  const { ca, fingerprint } = options;
  if (ca !== undefined) return { caPem: readGiven(ca).toString('latin1') };
  if (fingerprint !== undefined) {
    if (!/^[0-9a-f]{64}$/i.test(fingerprint.replaceAll(':', '')))
      throw new WaybillError('Usage', {
        detail: '--fingerprint is 64 hexadecimal digits (SHA-256)',
      });
    return { fingerprint };
  }
  try {
    const response = await consoleClient(options).client.call('caCertificate');
    return { caPem: await response.text() };
  } catch (error) {
    const detail = 'whose signature counts? give --ca FILE, --fingerprint SHA256, or --console URL';
    throw new WaybillError('Usage', { detail }, { cause: error });
  }
}
