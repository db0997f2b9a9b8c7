import { spawnSync } from 'node:child_process';
import {
  freePort,
  type LoopbackServer,
  startProgram,
  stopProgram,
  waitUntilAnswers,
} from './loopback-server.ts';

/** Why moto cannot be started here; undefined when it can. */
export function motoMissing(): string | undefined {
  const found = spawnSync('python3', ['-c', 'import moto.server'], { stdio: 'ignore' });
  return found.status === 0 ? undefined : 'python3 has no moto here: pip install "moto[server]"';
}

/**
 * Starts moto, which plays S3, KMS and EBS from memory. It keeps full-object checksums and knows conditional
 * puts, but believes any checksum and any key pair.
 */
export async function startMoto(dir: string): Promise<LoopbackServer> {
  const port = await freePort();
  const program = ['python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const child = startProgram(dir, 'moto', program);
  const endpoint = `http://127.0.0.1:${port}`;
  await waitUntilAnswers(`${endpoint}/moto-api/`, child);
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    stop: () => stopProgram(child),
  };
}
