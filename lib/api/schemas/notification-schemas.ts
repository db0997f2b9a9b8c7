import { z } from 'zod';
import {
  DELIVERY_STATES,
  NOTICE_TYPES,
  SMTP_SECURITY,
  TARGET_KINDS,
} from '../../domain/notifications.ts';
import { JOB_STATES } from '../../domain/words.ts';
import { count, email, line, optionalLine, time } from './fields.ts';

/** Who is told what happens to jobs: targets, deliveries, mail server. */

const choice = {
  notifyAll: z.boolean().default(true),
  states: z.array(z.enum(JOB_STATES)).max(JOB_STATES.length).default([]),
  attention: z.boolean().default(true),
};

/** A job's own choice: the targets it names hear this of it. */
export const jobNotification = z.object({
  targetIds: z.array(z.string().max(64)).max(20),
  ...choice,
});

export const targetRequest = z.object({
  name: line(100),
  kind: z.enum(TARGET_KINDS),
  /** URL of a webhook, or an e-mail address. */
  address: z.string().trim().min(1).max(2000),
  /** It hears of jobs that do not name it, too. */
  everyJob: z.boolean().default(true),
  ...choice,
});

export const targetChange = z
  .object({
    name: line(100),
    address: z.string().trim().min(1).max(2000),
    everyJob: z.boolean(),
    notifyAll: z.boolean(),
    states: z.array(z.enum(JOB_STATES)).max(JOB_STATES.length),
    attention: z.boolean(),
    disabled: z.boolean(),
  })
  .partial();

export const targetRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(TARGET_KINDS),
  /** Whole for administrators; for others the path of a webhook, which may be a secret, is left out. */
  address: z.string(),
  everyJob: z.boolean(),
  notifyAll: z.boolean(),
  states: z.array(z.enum(JOB_STATES)),
  attention: z.boolean(),
  createdAt: time,
  /** Its attempts have failed since then, without one that went through. */
  failingSince: time.nullable(),
  disabledAt: time.nullable(),
  disabledWhy: z.string().nullable(),
});

/** The secret that signs a webhook's messages; shown once. */
export const targetSecret = z.object({ secret: z.string().nullable() });

const attempt = z.object({
  at: time,
  /** HTTP status, or SMTP reply code; null when there was no answer. */
  status: z.number().int().nullable(),
  error: z.string().nullable(),
  milliseconds: count,
});

export const deliveryRow = z.object({
  seq: count,
  /** The `webhook-id` of the message. */
  id: z.string(),
  targetId: z.string(),
  targetName: z.string(),
  jobId: z.string().nullable(),
  type: z.enum(NOTICE_TYPES),
  summary: z.string(),
  state: z.enum(DELIVERY_STATES),
  createdAt: time,
  /** When the next attempt is due. */
  nextAt: time.nullable(),
  attempts: z.array(attempt),
});

export const smtpRequest = z.object({
  host: line(255),
  port: z.number().int().min(1).max(65535),
  security: z.enum(SMTP_SECURITY),
  user: optionalLine(200).default(''),
  /** Left out: the one that is kept stays. */
  password: z.string().max(500).optional(),
  from: email,
});

export const notificationSettings = z.object({
  /** Webhooks may go to private networks and to this host. */
  allowPrivateAddresses: z.boolean(),
  smtp: smtpRequest.omit({ password: true }).extend({ hasPassword: z.boolean() }).nullable(),
});

export const notificationSettingsChange = z.object({
  allowPrivateAddresses: z.boolean().optional(),
  /** null: no mail server any more. */
  smtp: smtpRequest.nullable().optional(),
});

export type TargetRow = z.output<typeof targetRow>;
export type DeliveryRow = z.output<typeof deliveryRow>;
