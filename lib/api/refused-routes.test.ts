import { expect, test } from 'vitest';
import { PEOPLE_ROLES } from '../domain/words.ts';
import { consoleWorld } from '../testing/console-world.ts';
import { refusedRoutes } from './refused-routes.ts';
import { type RouteName, WIRE } from './wire.ts';

/** Routes that are read without parameters, as pages read them. */
const READ = (Object.keys(WIRE) as RouteName[]).filter(
  (name) => WIRE[name].method === 'GET' && !WIRE[name].path.includes('{') && name !== 'events',
);

test.each(PEOPLE_ROLES)(
  'the server refuses a %s just what the pages do not ask for',
  async (role) => {
    const world = await consoleWorld();
    const token = await world.token(role);
    const refused = refusedRoutes(role);
    for (const name of READ) {
      const request = new Request(`http://127.0.0.1:3000/api/v1${WIRE[name].path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { status } = await world.send(request);
      expect({ name, isRefused: status === 403 }).toEqual({ name, isRefused: name in refused });
    }
  },
);
