import pino, { type Logger } from 'pino';
import { redact } from '../../keys/secrets.ts';

export type Log = Logger;

/** The console's log: JSON lines on stdout, without secrets whatever is logged. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['token', 'password', 'unlockCode', '*.token', '*.password', '*.unlockCode'],
    hooks: { streamWrite: redact },
  });
}
