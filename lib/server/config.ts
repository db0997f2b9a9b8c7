import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WaybillError } from '../domain/errors.ts';

/** Settings of the console's process. The only place of the server that reads the environment. */
export interface ConsoleConfig {
  /** Everything the installation keeps is in this directory. */
  dataDir: string;
  /** Address under which people and agents reach the console. */
  publicUrl: string;
  /** Base64 of 32 bytes, in place of the master key file. */
  masterKey: string | undefined;
  migrationsFolder: string;
  /** Fonts of labels and packing slips. */
  fontsFolder: string;
  /** The bundled agent, offered for download. */
  agentProgram: string;
  version: string;
  /** Failed or not: attempts a minute from one address. */
  signInsPerMinute: number;
  logLevel: string;
}

/** The variables of the environment that the console reads, and what they are for. */
export const CONSOLE_ENVIRONMENT = {
  WAYBILL_DATA: 'data directory; default ./data',
  WAYBILL_URL: 'address under which the console is reached, such as https://waybill.example',
  WAYBILL_MASTER_KEY: 'master key (base64, 32 bytes) in place of the key file',
  WAYBILL_SIGN_INS_PER_MINUTE: 'attempts to sign in from one address; default 10',
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
  const publicUrl = env.WAYBILL_URL ?? 'http://127.0.0.1:3000';
  if (!URL.canParse(publicUrl))
    throw refuse('WAYBILL_URL is an address such as https://waybill.example');
  return {
    dataDir: resolve(root, env.WAYBILL_DATA ?? 'data'),
    publicUrl: new URL(publicUrl).origin,
    masterKey: env.WAYBILL_MASTER_KEY,
    migrationsFolder: join(root, 'drizzle'),
    fontsFolder: join(root, 'node_modules/dejavu-fonts-ttf/ttf'),
    agentProgram: join(root, 'dist/waybill.mjs'),
    version: String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version),
    signInsPerMinute: attempts,
    logLevel: env.WAYBILL_LOG ?? 'info',
  };
}

const refuse = (detail: string): WaybillError => new WaybillError('BadRequest', { detail });
