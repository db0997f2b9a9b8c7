/** What a key is for; bound to the wrapped key, so that it opens in no other place. */
export type KeyContext = Record<string, string>;

/** Where the keys that protect other keys live. Only wrapped keys are stored anywhere else. */
export interface Kms {
  readonly provider: 'local';
  /** A new 256-bit key, in clear and wrapped. */
  generateDataKey(context: KeyContext): Promise<{ plaintext: Buffer; wrapped: string }>;
  /** Wraps a secret of at most 64 KiB. */
  wrap(secret: Buffer, context: KeyContext): Promise<string>;
  /** Throws KeyUnavailable: unknown master key, other context, damage. */
  unwrap(wrapped: string, context: KeyContext): Promise<Buffer>;
}
