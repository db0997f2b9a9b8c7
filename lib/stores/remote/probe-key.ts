import { randomBytes } from 'node:crypto';

/** The last part of a probe's key. One that could not be taken away again is no object: listings leave it out. */
const PROBE_NAME = /\.waybill-check-[0-9a-f]{16}$/;

export const newProbeName = (): string => `.waybill-check-${randomBytes(8).toString('hex')}`;

export const isProbeKey = (key: Uint8Array): boolean =>
  PROBE_NAME.test(Buffer.from(key.subarray(-31)).toString('latin1'));
