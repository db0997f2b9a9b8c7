import { createHmac, timingSafeEqual } from 'node:crypto';

/** Facts that come back unchanged from where they were sent to: links without a session, page tokens. */

const MAC_BYTES = 24;

const macOf = (secret: Buffer, purpose: string, text: string): Buffer =>
  createHmac('sha256', secret).update(`${purpose}\n${text}`).digest().subarray(0, MAC_BYTES);

/** Packs a value of JSON with a MAC over it. It can be read by anyone, and changed by nobody. */
export function signValue(secret: Buffer, purpose: string, value: unknown): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${macOf(secret, purpose, text).toString('base64url')}`;
}

/** The value of a token made for the same purpose; undefined when it was not, or was changed. */
export function readSigned(secret: Buffer, purpose: string, token: string): unknown {
  const [text = '', mac = '', ...rest] = token.split('.');
  const givenMac = Buffer.from(mac, 'base64url');
  const wanted = macOf(secret, purpose, text);
  if (rest.length > 0 || givenMac.length !== wanted.length || !timingSafeEqual(givenMac, wanted)) {
    return undefined;
  }
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}
