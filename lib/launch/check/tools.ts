import { runOnStdout } from '../run.mjs';

/** Runs a program of the installed packages. */
export function runTool(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): void {
  runOnStdout(`node_modules/.bin/${name}`, args, env);
}
