import { z } from 'zod';
import { CHOSEN_DEVICE_STATES, DEVICE_ACTION_NAMES, DEVICE_PLACES } from '../../domain/devices.ts';
import { DEVICE_OWNERS, DEVICE_STATES, JOB_STATES } from '../../domain/words.ts';
import { bytes, chosenId, note, time } from './fields.ts';

/** Devices. Sizes bytes. */

/** What a station measured of a device; `simulated`: it is a folder of the station's host. */
export const deviceMeasure = z.object({
  simulated: z.boolean(),
  sizeBytes: bytes,
  freeBytes: bytes,
  fileSystem: z.string().max(100),
  source: z.string().max(4096),
});

export const deviceRow = z.object({
  id: z.string(),
  owner: z.enum(DEVICE_OWNERS),
  capacityBytes: bytes,
  state: z.enum(DEVICE_STATES),
  note: z.string(),
  measure: deviceMeasure.nullable(),
  createdAt: time,
  /** The job that has it now. */
  jobId: z.string().nullable(),
});

/** A device, where it is and what the caller may do with it. */
export const deviceDetail = deviceRow.extend({
  place: z.enum(DEVICE_PLACES),
  job: z.object({ id: z.string(), name: z.string(), state: z.enum(JOB_STATES) }).nullable(),
  actions: z.array(z.enum(DEVICE_ACTION_NAMES)),
});

/** An erasure of a device. `verified`: its seal was verified right before; null where that was not recorded. */
export const erasureRow = z.object({
  jobId: z.string(),
  at: time,
  verified: z.boolean().nullable(),
});

/** Which devices of the list. */
export const deviceFilter = z
  .object({
    state: z.enum(DEVICE_STATES),
    owner: z.enum(DEVICE_OWNERS),
    /** Part of the id or the note. */
    text: z.string().trim().max(100),
  })
  .partial();

export const deviceRequest = z.object({
  id: chosenId,
  capacityBytes: bytes.positive(),
  note: note.default(''),
});

export const deviceChange = z
  .object({ state: z.enum(CHOSEN_DEVICE_STATES), note, capacityBytes: bytes.positive() })
  .partial();

/** For the home page. Bytes are of completed jobs; days of UTC. */
export const overview = z.object({
  days: z.array(z.object({ day: z.string(), imported: bytes, exported: bytes })),
  moving: z.object({ jobs: bytes, bytes }),
  devices: z.partialRecord(z.enum(DEVICE_STATES), z.number()),
  /** What speaks against the custody log, as the console has found by itself; looked at hourly. */
  custodyAlarm: z.string().nullable(),
});

export type DeviceDetail = z.output<typeof deviceDetail>;
export type DeviceFilter = z.output<typeof deviceFilter>;
