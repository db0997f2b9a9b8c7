import { WaybillError } from '../../domain/errors.ts';

/** One of the checks that follow each other. `run` ends this process when it fails. */
export interface Part {
  name: string;
  about: string;
  run(args: readonly string[]): void | Promise<void>;
}

/** What is to run, in the order of the table, and the words for the tool of a single part. */
export interface Choice {
  parts: Part[];
  args: string[];
}

/**
 * Reads names of parts; without any, all are meant. What follows the name of one part alone is for its tool. Throws
 * Usage.
 */
export function chooseParts(argv: readonly string[], all: readonly Part[]): Choice {
  const isPart = (word: string) => all.some(({ name }) => name === word);
  const end = argv.findIndex((word) => !isPart(word));
  const names = end < 0 ? argv : argv.slice(0, end);
  const args = argv.slice(names.length);
  const parts = all.filter(({ name }) => names.length === 0 || names.includes(name));
  const [stray] = args;
  if (stray !== undefined && parts.length !== 1) {
    const known = all.map(({ name }) => name).join(', ');
    throw new WaybillError('Usage', {
      detail: `${stray} is no part of the tests (${known}); words for a tool follow the name of one part alone`,
    });
  }
  return { parts, args };
}

/** Runs parts one after the other, up to the first that fails, and says at the end how long each took. */
export async function runParts({ parts, args }: Choice): Promise<void> {
  const times: string[] = [];
  const sayTimes = () => console.error(`\n${times.join('\n')}`);
  // A part that fails ends the process.
  process.once('exit', sayTimes);
  for (const { name, run } of parts) {
    const begun = performance.now();
    const sayTime = (outcome: string) => {
      const seconds = (performance.now() - begun) / 1000;
      times.push(`${name.padEnd(10)}${seconds.toFixed(1).padStart(7)} s  ${outcome}`);
    };
    const onFailure = () => sayTime('failed');
    process.prependOnceListener('exit', onFailure);
    await run(args);
    process.off('exit', onFailure);
    sayTime('passed');
  }
}

/** The parts for a help text. */
export const listParts = (parts: readonly Part[]): string =>
  parts.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join('\n');
