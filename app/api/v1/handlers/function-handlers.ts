import {
  getFunction,
  keepFunction,
  listFunctions,
  removeFunction,
} from '../../../../lib/server/processing/function-library.ts';
import type { Handlers } from '../handle.ts';

/** Functions that the console keeps by name. */
export const functionHandlers: Pick<
  Handlers,
  'listFunctions' | 'getFunction' | 'keepFunction' | 'removeFunction'
> = {
  listFunctions: async ({ console }) => ({ functions: await listFunctions(console.db.read) }),
  getFunction: ({ console, params }) => getFunction(console.db.read, params.name),
  keepFunction: ({ console, actor, params, body, now }) =>
    keepFunction(console.db, actor, { ...params, ...body }, now),
  removeFunction: ({ console, actor, params, now }) =>
    removeFunction(console.db, actor, params.name, now),
};
