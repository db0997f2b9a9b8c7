import type { WaybillError } from '../../lib/domain/errors.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import type { TransferEvent } from '../../lib/transfer/progress/progress.ts';

/** A result: facts for programs, and lines for people. */
export interface Result {
  facts: Record<string, unknown>;
  lines: string[];
}

/** Everything a command says goes through this; results to stdout, talk to stderr. */
export interface Output {
  /** What happens during a transfer; `device` where several go on at once. */
  event(event: TransferEvent, device?: string): void;
  /** A remark on the way. */
  note(text: string): void;
  /** One item of a listing. */
  item(item: Result): void;
  result(result: Result): void;
  error(error: WaybillError): void;
  /** A signal stopped the work; the same command goes on. */
  interrupted(): void;
}

/** A listing: what each item is, and the lines of its table, whose heading goes with the first one. */
export function listItems(
  output: Output,
  items: readonly Record<string, unknown>[],
  lines: readonly string[],
): void {
  for (const [i, facts] of items.entries())
    output.item({ facts, lines: i === 0 ? lines.slice(0, 2) : [lines[i + 1] ?? ''] });
}

/** "12 objects, 3.40 MB". */
export const amount = (objects: number, bytes: number): string =>
  `${objects} objects, ${formatBytes(bytes)}`;
