import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import type { KmsSettings } from '../../keys/kms/open.ts';

/** Settings of the console's process. The only place of the server that reads the environment. */
export interface ConsoleConfig {
  /** Everything the installation keeps is in this directory. */
  dataDir: string;
  /** Address under which people and agents reach the console. */
  publicUrl: string;
  /** Base64 of 32 bytes, in place of the master key file. */
  masterKey: string | undefined;
  /** Who keeps the keys: local master keys, or AWS KMS. */
  kms: Pick<KmsSettings, 'provider' | 'aws'>;
  migrationsFolder: string;
  /** Fonts of labels and packing slips. */
  fontsFolder: string;
  /** The bundled agent, offered for download. */
  agentProgram: string;
  version: string;
  /** Failed or not: attempts a minute from one address. */
  signInsPerMinute: number;
  /** How many proxies stand before the console, each of which adds to X-Forwarded-For. */
  proxies: number;
  /** Whether a signed request to the AWS-compatible API counts once only. */
  refuseReplays: boolean;
  logLevel: string;
}

/** The variables of the environment that the console reads, and what they are for. */
export const CONSOLE_ENVIRONMENT = {
  WAYBILL_DATA: 'data directory; default ./data',
  WAYBILL_URL: 'address under which the console is reached, such as https://waybill.example',
  WAYBILL_MASTER_KEY: 'master key (base64, 32 bytes) in place of the key file',
  WAYBILL_KMS: 'who wraps keys: local (default) or aws',
  WAYBILL_KMS_KEY: 'key of AWS KMS: ARN, id or alias; the host’s own AWS credentials open it',
  WAYBILL_KMS_REGION: 'its region; default: of the ARN',
  WAYBILL_KMS_ENDPOINT: 'address of its service; default: AWS’s of the region',
  WAYBILL_SIGN_INS_PER_MINUTE:
    'attempts to sign in from one address, and to one account; default 10',
  WAYBILL_PROXIES: 'proxies before the console that add to X-Forwarded-For; default 1',
  WAYBILL_REFUSE_REPLAYS:
    'yes: a signed request of the AWS-compatible API counts once, even if it is meant twice; default no',
  WAYBILL_LOG: 'level of the log: debug, info, warn, error, silent; default info',
} as const;

/** Reads the settings. Throws BadRequest for a value that cannot be used. */
export function readConfig(
  env: Record<string, string | undefined> = process.env,
  root = process.cwd(),
): ConsoleConfig {
  const attempts = Number(env.WAYBILL_SIGN_INS_PER_MINUTE ?? 10);
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw refuse('WAYBILL_SIGN_INS_PER_MINUTE is a whole number from 1');
  }
  const proxies = Number(env.WAYBILL_PROXIES ?? 1);
  if (!Number.isInteger(proxies) || proxies < 1)
    throw refuse('WAYBILL_PROXIES is a whole number from 1');
  const replays = env.WAYBILL_REFUSE_REPLAYS ?? 'no';
  if (replays !== 'yes' && replays !== 'no') throw refuse('WAYBILL_REFUSE_REPLAYS is yes or no');
  const publicUrl = env.WAYBILL_URL ?? 'http://127.0.0.1:3000';
  if (!URL.canParse(publicUrl))
    throw refuse('WAYBILL_URL is an address such as https://waybill.example');
  return {
    dataDir: resolve(root, env.WAYBILL_DATA ?? 'data'),
    publicUrl: new URL(publicUrl).origin,
    masterKey: env.WAYBILL_MASTER_KEY,
    kms: kmsOf(env),
    migrationsFolder: join(root, 'drizzle'),
    fontsFolder: join(root, 'node_modules/dejavu-fonts-ttf/ttf'),
    agentProgram: join(root, 'dist/waybill.mjs'),
    version: String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version),
    signInsPerMinute: attempts,
    proxies,
    refuseReplays: replays === 'yes',
    logLevel: env.WAYBILL_LOG ?? 'info',
  };
}

function kmsOf(env: Record<string, string | undefined>): ConsoleConfig['kms'] {
  const provider = env.WAYBILL_KMS ?? 'local';
  if (provider !== 'local' && provider !== 'aws') throw refuse('WAYBILL_KMS is local or aws');
  const keyId = env.WAYBILL_KMS_KEY;
  if (!keyId) {
    if (provider === 'aws') throw refuse('WAYBILL_KMS=aws needs WAYBILL_KMS_KEY, such as an ARN');
    return { provider };
  }
  const aws = { keyId, region: env.WAYBILL_KMS_REGION, endpoint: env.WAYBILL_KMS_ENDPOINT };
  return { provider, aws };
}

const refuse = (detail: string): WaybillError => new WaybillError('BadRequest', { detail });
