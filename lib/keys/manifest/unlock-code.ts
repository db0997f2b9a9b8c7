import { randomInt, scrypt } from 'node:crypto';
import { WaybillError } from '../../domain/errors.ts';

/**
 * The unlock code of a manifest: 29 characters, five groups of five. 24 symbols of Crockford's base32 (no
 * I, L, O, U) carry 120 random bits; the last is a check symbol, so a typing error is named as one.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SYMBOLS = 25;
const GROUP = 5;

/** A new code. */
export function makeUnlockCode(): string {
  const body = Array.from({ length: SYMBOLS - 1 }, () => randomInt(ALPHABET.length));
  return format([...body, checkSymbol(body)]);
}

/** The code in its one spelling, from what a person typed. Throws UnlockCodeMalformed. */
export function parseUnlockCode(text: string): string {
  const typed = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (typed.length !== SYMBOLS) {
    throw new WaybillError('UnlockCodeMalformed', {
      detail: `it has ${typed.length} characters, not ${SYMBOLS}`,
    });
  }
  const symbols = Array.from(typed, (symbol) => ALPHABET.indexOf(symbol));
  if (symbols.includes(-1)) {
    throw new WaybillError('UnlockCodeMalformed', {
      detail: 'it has a character that no code has',
    });
  }
  if (checkSymbol(symbols.slice(0, -1)) !== symbols.at(-1)) {
    throw new WaybillError('UnlockCodeMalformed', { detail: 'there is a typing error in it' });
  }
  return format(symbols);
}

/** Weights are odd, so invertible modulo 32: any one wrong symbol changes the sum, and so do most swaps. */
function checkSymbol(symbols: number[]): number {
  return symbols.reduce((sum, symbol, i) => sum + symbol * (2 * i + 1), 0) % ALPHABET.length;
}

function format(symbols: number[]): string {
  const text = symbols.map((symbol) => ALPHABET[symbol]).join('');
  return (text.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}

/** Parameters of scrypt (RFC 7914). The salt is base64. */
export interface KdfParams {
  name: 'scrypt';
  N: number;
  r: number;
  p: number;
  salt: string;
}

/**
 * 16 MiB and some 40 ms: RFC 7914's parameters for interactive use. What keeps a manifest shut are the 120
 * random bits of the code; a slower derivation would add 3 to them, and half a second to every command.
 */
export const KDF_DEFAULTS = { name: 'scrypt', N: 2 ** 14, r: 8, p: 1 } as const;

/** The 32-byte key that an unlock code stands for. Parameters come from a file and are bounded. Throws ManifestInvalid. */
export async function deriveUnlockKey(code: string, params: KdfParams): Promise<Buffer> {
  const { N, r, p, salt } = params;
  const sane = N >= 2 ** 14 && N <= 2 ** 18 && (N & (N - 1)) === 0 && r === 8 && p === 1;
  const saltBytes = Buffer.from(salt, 'base64');
  if (!sane || saltBytes.length < 16 || saltBytes.length > 64) {
    throw new WaybillError('ManifestInvalid', { detail: 'its key derivation is out of bounds' });
  }
  return new Promise((resolve, reject) => {
    scrypt(code, saltBytes, 32, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
