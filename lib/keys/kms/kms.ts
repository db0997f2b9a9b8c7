/** What a key is for; bound to the wrapped key, so that it opens in no other place. */
export type KeyContext = Record<string, string>;

/** Where the keys that protect other keys live. Only wrapped keys are stored anywhere else. */
export interface Kms {
  readonly provider: 'local' | 'aws';
  /** A new 256-bit key, in clear and wrapped; under another key of AWS KMS than the installation's if one is named. */
  generateDataKey(
    context: KeyContext,
    keyId?: string,
  ): Promise<{ plaintext: Buffer; wrapped: string }>;
  /** Wraps a secret of at most 64 KiB; `keyId` as above. Local keys know only the installation's. */
  wrap(secret: Buffer, context: KeyContext, keyId?: string): Promise<string>;
  /** Throws KeyUnavailable: unknown master key, other context, damage. */
  unwrap(wrapped: string, context: KeyContext): Promise<Buffer>;
}

/** A key service whose master key can be changed. */
export interface MasterKms extends Kms {
  /** Makes another master key current, where that is ours to do. Returns the id of the one that wraps now. */
  rotate(): string;
  /** Wraps again under the current master key; the secret itself does not change. */
  rewrap(wrapped: string, context: KeyContext, keyId?: string): Promise<string>;
  /** All local master keys, as text that `joinRing` takes: a secret. Throws KeyUnavailable where others hold them. */
  exportKeys(): string;
  /** Forgets all local master keys that wrap no longer; what was not wrapped again is lost. */
  retireOld(): void;
}
