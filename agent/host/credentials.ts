import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { WaybillError } from '../../lib/domain/errors.ts';
import { MiB } from '../../lib/domain/sizes.ts';
import { type ManifestSecrets, unlockManifest } from '../../lib/keys/manifest/manifest.ts';
import type { ManifestPayload } from '../../lib/keys/manifest/payload.ts';
import { readGiven } from './read-input-file.ts';
import { Interrupted } from './signals.ts';

/** Of a manifest, and more than enough for an unlock code. */
const BYTES_MAX = MiB;

export interface CredentialOptions {
  manifest?: string;
  unlockCodeFile?: string;
}

/** A manifest that its unlock code opened. */
export interface Credentials {
  payload: ManifestPayload;
  secrets: ManifestSecrets;
}

/**
 * Opens the job's manifest. The unlock code comes from a file, the environment or a hidden prompt, never from
 * the command line, where every user of the host could read it. Throws ManifestInvalid, ManifestNotYetValid, ManifestExpired,
 * UnlockCodeMissing, UnlockCodeMalformed, UnlockCodeWrong.
 */
export async function openCredentials(options: CredentialOptions): Promise<Credentials> {
  const path = options.manifest ?? process.env.WAYBILL_MANIFEST;
  if (!path)
    throw new WaybillError('Usage', {
      detail: 'which job? give its manifest with --manifest FILE',
    });
  const bytes = readGiven(path, { bytesMax: BYTES_MAX, code: 'ManifestInvalid' });
  return unlockManifest(bytes, await unlockCode(options.unlockCodeFile));
}

async function unlockCode(file: string | undefined): Promise<string> {
  if (file) {
    const bytes = readGiven(file, { bytesMax: BYTES_MAX, code: 'UnlockCodeMissing' });
    return bytes.toString('utf8').trim();
  }
  const fromEnvironment = process.env.WAYBILL_UNLOCK_CODE;
  if (fromEnvironment) return fromEnvironment;
  if (process.stdin.isTTY && process.stderr.isTTY) return askHidden('unlock code: ');
  throw new WaybillError('UnlockCodeMissing');
}

/** Asks on the terminal without showing what is typed. */
function askHidden(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      reject(new Interrupted());
      lines.close();
    });
    lines.once('close', () => {
      process.stderr.write('\n');
      // Without effect after an answer.
      reject(new WaybillError('UnlockCodeMissing'));
    });
    lines.question('', (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}
