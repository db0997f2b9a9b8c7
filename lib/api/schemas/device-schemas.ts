import { z } from 'zod';
import { DEVICE_OWNERS, DEVICE_STATES } from '../../domain/words.ts';
import { bytes, chosenId, note, time } from './fields.ts';

/** Devices. Sizes bytes. */

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

export const deviceRequest = z.object({
  id: chosenId,
  capacityBytes: bytes.positive(),
  note: note.default(''),
});

export const deviceChange = z
  .object({ state: z.enum(['available', 'quarantined', 'lost', 'retired']), note })
  .partial();

/** For the home page. Bytes are of completed jobs; days of UTC. */
export const overview = z.object({
  days: z.array(z.object({ day: z.string(), imported: bytes, exported: bytes })),
  moving: z.object({ jobs: bytes, bytes }),
  devices: z.partialRecord(z.enum(DEVICE_STATES), z.number()),
});
