import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { SnowballClient } from '@aws-sdk/client-snowball';
import { onTestFinished } from 'vitest';
import { answerAws } from '../aws/answer.ts';
import type { PersonRole } from '../domain/words.ts';
import { createAccessKey } from '../server/access-keys.ts';
import { type ConsoleWorld, consoleWorld, emailOf } from './console-world.ts';
import { listening } from './listening.ts';

export const REGION = 'eu-west-1';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** A console whose AWS-compatible API is served on the loopback. */
export interface AwsWorld extends ConsoleWorld {
  endpoint: string;
  /** A new access key of a person of that role. */
  key(role: PersonRole): Promise<Credentials>;
  snowball(role: PersonRole): Promise<SnowballClient>;
  snowballWith(credentials: Credentials): SnowballClient;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export async function awsWorld(): Promise<AwsWorld> {
  const world = await consoleWorld();
  const endpoint = `${await listen(world)}/api/aws`;
  const key = async (role: PersonRole): Promise<Credentials> => {
    // The person of the role is made when it is first asked for.
    await world.token(role);
    const actor = { id: `person:${emailOf(role)}`, role, channel: 'token' } as const;
    const made = await createAccessKey(world.console, actor, { name: 'test' }, new Date());
    return { accessKeyId: made.id, secretAccessKey: made.secret };
  };
  const snowballWith = (credentials: Credentials) => {
    const client = new SnowballClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
    onTestFinished(() => client.destroy());
    return client;
  };
  return {
    ...{ ...world, endpoint, key, snowballWith },
    snowball: async (role) => snowballWith(await key(role)),
  };
}

/** Serves the console as its route does. Links that it makes lead here. */
async function listen({ console }: ConsoleWorld): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      ...{ method: incoming.method, headers },
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
    } as RequestInit);
    const response = await answerAws(console, request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  const url = await listening(server);
  console.config.publicUrl = url;
  return url;
}
