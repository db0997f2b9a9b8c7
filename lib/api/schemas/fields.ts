import { z } from 'zod';

/** Fields that every subject shares. Sizes bytes, times ISO 8601 in UTC. */

const LINE = /^[^\p{Cc}]*$/u;

/** One line of text. */
export const line = (max: number) =>
  z.string().trim().min(1, 'at least one character').max(max).regex(LINE, 'one line of text');

export const optionalLine = (max: number) =>
  z.string().trim().max(max).regex(LINE, 'one line of text');

export const note = z.string().trim().max(2000);

export const bytes = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const count = bytes;

export const time = z.iso.datetime();

export const email = z.email('an address such as ada@example.org').max(200).toLowerCase();

export const password = z.string().min(12, 'at least 12 characters').max(128);

/** Ids that people choose; also the names of device directories in a dock. */
export const chosenId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, '1 to 64 letters, digits, dots, hyphens');

export const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{2,62}$/, '3 to 63 lower-case letters, digits, dots and hyphens');

/** A prefix of keys stays inside its bucket. */
export const prefix = z
  .string()
  .max(900)
  .regex(LINE, 'one line of text')
  .refine((text) => !text.startsWith('/') && !/(^|\/)\.{1,2}(\/|$)|\/\//.test(text), {
    message: 'no leading slash, no empty, "." or ".." part',
  })
  .refine((text) => !/^\.waybill-(tmp|store)(\/|$)/.test(text), {
    message: 'not .waybill-tmp or .waybill-store, which Waybill keeps for itself',
  });

/** Body of every answer that is not 2xx. */
export const failure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    next: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
});

export type Failure = z.output<typeof failure>;
