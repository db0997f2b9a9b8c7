import { formatBytes } from '../../lib/domain/sizes.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { readGiven } from '../host/read-input-file.ts';
import { listItems } from '../output/output.ts';
import { table } from '../output/table.ts';

/** Lists the functions that the console keeps. */
export async function listFunctions(
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { functions } = await consoleClient(options).client.call('listFunctions');
  const rows = functions.map(({ name, bytes, sha256, changedAt, jobs, openJobs }) => [
    ...[name, formatBytes(bytes), sha256, changedAt, `${openJobs} open of ${jobs}`],
  ]);
  const lines = table(['FUNCTION', 'CODE', 'SHA256', 'CHANGED', 'JOBS'], rows);
  listItems(
    output,
    functions.map((one) => ({ function: one })),
    lines,
  );
  output.result({
    facts: { functions: functions.length },
    lines: [`${functions.length} functions`],
  });
  return 0;
}

/** Prints the code of a function. */
export async function showFunction(
  name: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const found = await consoleClient(options).client.call('getFunction', { params: { name } });
  output.result({ facts: { function: found }, lines: [found.code.replace(/\n$/, '')] });
  return 0;
}

export interface KeepOptions extends ConsoleOptions {
  file: string;
  handler?: string;
  memory?: number;
  timeout?: number;
  network?: boolean;
}

/** Keeps the code of a file under a name, for jobs that name it. */
export async function keepFunction(
  name: string,
  { file, handler, memory, timeout, network, ...options }: KeepOptions,
  { output }: Context,
): Promise<Finished> {
  const given = {
    ...(handler !== undefined && { handler }),
    ...(memory !== undefined && { memoryMB: memory }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(network && { network }),
  };
  const { client } = consoleClient(options);
  const body = { code: readGiven(file).toString('utf8'), options: given };
  const kept = await client.call('keepFunction', { params: { name }, body });
  output.result({ facts: { function: kept }, lines: [`kept ${name}, code sha256 ${kept.sha256}`] });
  return 0;
}

/** Forgets a function; jobs that were made with it keep their copy. */
export async function removeFunction(
  name: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  await consoleClient(options).client.call('removeFunction', { params: { name } });
  output.result({ facts: { name }, lines: [`removed ${name}`] });
  return 0;
}
