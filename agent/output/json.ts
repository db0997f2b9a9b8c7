import { EXIT } from '../../lib/domain/errors.ts';
import type { Output } from './output.ts';

/** One JSON object a line on stdout; the last is of type "result" or "error". Members may be added later. */
export function jsonOutput(write: (line: string) => void): Output {
  const line = (message: Record<string, unknown>) => write(`${JSON.stringify(message)}\n`);
  return {
    // Without a device the member is left out.
    event: ({ kind, ...rest }, device) => line({ type: kind, device, ...rest }),
    note: (text) => line({ type: 'note', text }),
    item: ({ facts }) => line({ type: 'item', ...facts }),
    result: ({ facts }) => line({ type: 'result', ...facts }),
    error: ({ code, message, next, exit }) => line({ type: 'error', code, message, next, exit }),
    interrupted: () => line({ type: 'interrupted', exit: EXIT.interrupted }),
  };
}
