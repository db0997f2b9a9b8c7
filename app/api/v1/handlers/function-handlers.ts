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
  listFunctions: async ({ context }) => ({ functions: await listFunctions(context.db.read) }),
  getFunction: ({ context, params }) => getFunction(context.db.read, params.name),
  keepFunction: ({ context, actor, params, body, now }) =>
    keepFunction(context.db, actor, { ...params, ...body }, now),
  removeFunction: ({ context, actor, params, now }) =>
    removeFunction(context.db, actor, params.name, now),
};
