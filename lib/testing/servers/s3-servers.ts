import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { LoopbackServer } from './loopback-server.ts';
import { motoMissing, startMoto } from './moto.ts';
import { startSwift, swiftMissing } from './swift.ts';

/** An S3 server for the tests of a file. */
export interface S3Server {
  name: string;
  /** Takes keys with control characters. */
  takesControls: boolean;
  running(): LoopbackServer;
}

/** Four programs in Python take their time on a busy machine. */
export const SERVER_START_MS = 240_000;

const KNOWN = [
  { name: 'Swift', takesControls: true, missing: swiftMissing, start: startSwift, needed: true },
  { name: 'moto', takesControls: false, missing: motoMissing, start: startMoto, needed: false },
] as const;

/**
 * Starts, for the tests of the calling file, every S3 server that is installed here; those that are not are named
 * on the terminal. Under CI Swift has to be there. `only`: where one server is enough.
 */
export function s3Servers(only?: (typeof KNOWN)[number]['name']): S3Server[] {
  const wanted = KNOWN.filter(({ name }) => only === undefined || name === only);
  return wanted.flatMap(({ name, takesControls, missing, start, needed }) => {
    const why = missing();
    if (why) {
      if (needed && process.env.CI) throw new Error(why);
      console.warn(`tests against ${name} are left out: ${why}`);
      return [];
    }
    let server: LoopbackServer | undefined;
    const dir = mkdtempSync(join(tmpdir(), `waybill-${name}-`));
    beforeAll(async () => {
      server = await start(dir);
    }, SERVER_START_MS);
    afterAll(async () => {
      await server?.stop();
      rmSync(dir, { recursive: true, force: true });
    });
    const running = () => {
      if (!server) throw new Error(`${name} is not running`);
      return server;
    };
    return [{ name, takesControls, running }];
  });
}
