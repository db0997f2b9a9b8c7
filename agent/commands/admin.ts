import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { Finished } from '../host/context.ts';

/**
 * Runs the administration program that lies beside this one, on this terminal; its exit code is the command's.
 * Throws Usage where there is none.
 */
export async function admin(
  args: readonly string[],
  program = fileURLToPath(new URL('./waybill-admin.mjs', import.meta.url)),
): Promise<Finished> {
  if (!existsSync(program)) {
    throw new WaybillError('Usage', {
      detail: 'waybill admin runs on the console’s own host: use the program of its checkout',
    });
  }
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // A child that a signal ended has no code of its own; every other code passes as it is.
    child.once('exit', (code) => resolve((code ?? 130) as Finished));
  });
}
