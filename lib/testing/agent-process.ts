import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Tells at its end how much memory the process had at most. */
const TELL = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\nRSS '+process.resourceUsage().maxRSS))`;
/** One that takes longer hangs. */
const PATIENCE_MS = 90_000;

export interface AgentRun {
  /** Null when it had to be killed, because it hung. */
  exit: number | null;
  said: string;
  /** The most memory that it had, bytes. */
  rssBytes: number;
}

/** Runs the agent as a process of its own, as at a site or a station. */
export async function agentProcess(
  argv: string[],
  env: Record<string, string> = {},
): Promise<AgentRun> {
  const child = spawn(process.execPath, ['--import', TSX, '--import', TELL, AGENT, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const [, kib] = /\nRSS (\d+)/.exec(said) ?? [];
  return { exit, said: said.replace(/\nRSS \d+/, ''), rssBytes: Number(kib) * 1024 };
}
