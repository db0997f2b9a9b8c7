import { z } from 'zod';
import { DEVICE_OWNERS, DEVICE_STATES, STORE_KINDS } from '../../domain/words.ts';
import { bucketName, bytes, chosenId, line, note, time } from './fields.ts';

/** Devices and stores. Sizes bytes. */

export const deviceRow = z.object({
  id: z.string(),
  owner: z.enum(DEVICE_OWNERS),
  capacityBytes: bytes,
  state: z.enum(DEVICE_STATES),
  note: z.string(),
  createdAt: time,
  /** The job that has it now. */
  jobId: z.string().nullable(),
});

export const storeRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(STORE_KINDS),
  root: z.string(),
  createdAt: time,
});

export const deviceRequest = z.object({
  id: chosenId,
  capacityBytes: bytes.positive(),
  note: note.default(''),
});

export const deviceChange = z
  .object({ state: z.enum(['available', 'quarantined', 'lost', 'retired']), note })
  .partial();

export const storeRequest = z.object({
  id: chosenId,
  name: line(100),
  kind: z.enum(['directory', 'glacier', 'ebs']),
  root: z.string().startsWith('/', 'an absolute path').max(1000),
  /** Made if it is missing. */
  bucket: bucketName.optional(),
});

export const bucketRequest = z.object({ bucket: bucketName });
