import { createHash, randomBytes } from 'node:crypto';
import { combine, split } from 'shamir-secret-sharing';
import { WaybillError } from '../../domain/errors.ts';

const FORMAT = 'waybill-key-share/1';
const LINE_CHARACTERS = 64;
/** Of a share that was typed from paper: enough to find the slip. */
const CHECK_CHARACTERS = 8;
const DIGEST_BYTES = 32;

/** One share of a secret; fewer than `threshold` of a set tell nothing of it. */
export interface KeyShare {
  /** Which splitting it is of: 8 hex digits. */
  set: string;
  /** 1 to `shares`. */
  number: number;
  shares: number;
  threshold: number;
  bytes: Buffer;
}

/**
 * Splits a secret text into shares by Shamir's scheme over GF(2^8) (Shamir, "How to share a secret", CACM 22(11),
 * 1979). Throws Usage: 2 to 255 shares, of which at least 2 are needed.
 */
export async function splitSecret(
  secret: string,
  { shares, threshold }: { shares: number; threshold: number },
): Promise<KeyShare[]> {
  const whole = [shares, threshold].every(Number.isInteger);
  if (!whole || threshold < 2 || shares < threshold || shares > 255) {
    throw new WaybillError('Usage', {
      detail: `${threshold} of ${shares} shares is not possible: 2 to 255 shares, of which at least 2 and at most all are needed`,
    });
  }
  const set = randomBytes(4).toString('hex');
  const body = Buffer.from(secret);
  const parts = await split(plain(Buffer.concat([digestOf(body), body])), shares, threshold);
  return parts.map((part, index) => ({
    set,
    number: index + 1,
    shares,
    threshold,
    bytes: Buffer.from(part),
  }));
}

/** The secret that enough shares of one set make. Throws SharesRefused: too few, of several sets, or not what was split. */
export async function joinShares(given: readonly KeyShare[]): Promise<string> {
  const shares = [
    ...new Map(given.map((share) => [`${share.set} ${share.number}`, share])).values(),
  ];
  const [first] = shares;
  if (!first) throw refuse('none was given');
  const { set, threshold } = first;
  if (shares.some((share) => share.set !== set))
    throw refuse(
      `they are of several sets: ${[...new Set(shares.map((share) => share.set))].join(', ')}`,
    );
  if (shares.length < threshold)
    throw refuse(`${shares.length} of set ${set} were given, ${threshold} are needed`);
  const joined = await combined(shares);
  const body = joined.subarray(DIGEST_BYTES);
  if (!digestOf(body).equals(joined.subarray(0, DIGEST_BYTES)))
    throw refuse('together they do not make what was split: one of them was changed');
  return body.toString('utf8');
}

async function combined(shares: readonly KeyShare[]): Promise<Buffer> {
  try {
    return Buffer.from(await combine(shares.map(({ bytes }) => plain(bytes))));
  } catch {
    // What the library says of them could hold them.
    throw refuse('they cannot be put together: one of them was changed');
  }
}

/** A share as a file that can be printed, and typed in again. */
export function shareText({ set, number, shares, threshold, bytes }: KeyShare): string {
  const text = bytes.toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? [];
  return [
    FORMAT,
    `set ${set}, share ${number} of ${shares}, ${threshold} needed`,
    ...lines.map((line) => `${line} ${checkOf(line)}`),
    `end ${checkOf(text)}`,
    '',
  ].join('\n');
}

/**
 * The shares of a text, one after the other, as `shareText` wrote them. Throws SharesRefused, which names the share
 * and the line.
 */
export function readShares(text: string, place: string): KeyShare[] {
  const found: KeyShare[] = [];
  let share: Omit<KeyShare, 'bytes'> | undefined;
  let body = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const where = `${place}, line ${index + 1}`;
    if (line === '' || line === FORMAT) continue;
    const head = /^set ([0-9a-f]{8}), share (\d{1,3}) of (\d{1,3}), (\d{1,3}) needed$/.exec(line);
    if (head) {
      const [number = 0, shares = 0, threshold = 0] = head.slice(2).map(Number);
      share = { set: head[1] ?? '', number, shares, threshold };
      body = '';
      continue;
    }
    const [part = '', check] = line.split(/\s+/);
    if (!share) throw refuse(`${where} is not of a share`);
    if (part === 'end') {
      if (check !== checkOf(body)) throw refuse(`${where}: a line before it is missing or changed`);
      found.push({ ...share, bytes: Buffer.from(body, 'base64') });
      share = undefined;
    } else {
      if (check !== checkOf(part)) throw refuse(`${where} was changed, or typed with a slip`);
      body += part;
    }
  }
  if (share) throw refuse(`${place}: share ${share.number} has no end`);
  return found;
}

const digestOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

const checkOf = (line: string): string =>
  createHash('sha256').update(line).digest('hex').slice(0, CHECK_CHARACTERS);

const refuse = (detail: string): WaybillError => new WaybillError('SharesRefused', { detail });

/** The library takes no kind of Uint8Array, as Buffer is one. */
const plain = (bytes: Buffer): Uint8Array => new Uint8Array(bytes);
