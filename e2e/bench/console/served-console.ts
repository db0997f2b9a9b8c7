import { join } from 'node:path';
import { type Client, createClient } from '../../../lib/api/client.ts';
import {
  type ConsoleProcess,
  type ConsoleProcessOptions,
  freePort,
  ROOT,
  startConsole,
} from '../../../lib/launch/console/console-process.ts';
import { SYSTEM } from '../../../lib/server/actors/actor.ts';
import { openDatabase } from '../../../lib/server/db/sqlite/open-database.ts';
import { addPerson } from '../../../lib/server/people/people.ts';
import { createToken } from '../../../lib/server/people/tokens.ts';
import { seedJobs } from './seed.ts';

export const PERSON = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };

/** A console with many jobs that can be killed and started again. */
export interface ServedConsole {
  url: string;
  token: string;
  client: Client;
  /** Jobs that agents copy at a site. */
  copyingIds: string[];
  seedMs: number;
  pid(): number;
  /** Kills the process as a power failure would, and starts another; resolves with how long nobody was served, ms. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

/** Makes the database of a console in `dir`, fills it and serves it. */
export async function serveSeeded(
  dir: string,
  { jobs, agents }: { jobs: number; agents: number },
): Promise<ServedConsole> {
  const options: ConsoleProcessOptions = {
    host: '127.0.0.1',
    port: await freePort(),
    dataDir: dir,
    station: false,
    log: 'hide',
    env: { WAYBILL_LOG: 'error', WAYBILL_SIGN_INS_PER_MINUTE: '1000' },
  };
  // Its first start makes everything that an installation has.
  await (await startConsole(options)).stop();
  const started = performance.now();
  const { copyingIds, token } = await fill(dir, { jobs, agents });
  const seedMs = performance.now() - started;
  let serving: ConsoleProcess = await startConsole(options);
  const { url } = serving;
  return {
    url,
    token,
    copyingIds,
    seedMs,
    client: createClient({ baseUrl: url, token }),
    pid: () => serving.pid,
    restart: async () => {
      const since = performance.now();
      process.kill(serving.pid, 'SIGKILL');
      await serving.ended;
      serving = await startConsole(options);
      return performance.now() - since;
    },
    stop: () => serving.stop(),
  };
}

async function fill(dir: string, { jobs, agents }: { jobs: number; agents: number }) {
  const db = openDatabase(join(dir, 'waybill.db'), join(ROOT, 'drizzle'));
  const now = new Date();
  try {
    const { copyingIds } = await seedJobs(db, { count: jobs, copying: agents, now });
    await addPerson(db, SYSTEM, { ...PERSON, role: 'admin' }, now);
    const actor = { id: `person:${PERSON.email}`, role: 'admin', channel: 'token' } as const;
    const mine = { kind: 'person', name: 'bench', subject: PERSON.email, role: 'admin' } as const;
    const { token } = await createToken(db, actor, mine, now);
    return { copyingIds, token };
  } finally {
    db.close();
  }
}
