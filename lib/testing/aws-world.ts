import { SnowballClient } from '@aws-sdk/client-snowball';
import { onTestFinished } from 'vitest';
import { handleAws } from '../aws/handle.ts';
import type { PersonRole } from '../domain/words.ts';
import { createAccessKey } from '../server/people/access-keys.ts';
import { type ConsoleWorld, consoleWorld, type Environment, emailOf } from './console-world.ts';
import { serving } from './listening.ts';

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

export async function awsWorld(env: Environment = {}): Promise<AwsWorld> {
  const world = await consoleWorld(env);
  const url = await serving((request) => handleAws(world.console, request));
  // Links that it makes lead here.
  world.console.config.publicUrl = url;
  const endpoint = `${url}/api/aws`;
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
    ...world,
    endpoint,
    key,
    snowballWith,
    snowball: async (role) => snowballWith(await key(role)),
  };
}
