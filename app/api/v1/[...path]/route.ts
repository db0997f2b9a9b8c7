import { runningConsole } from '../../../../lib/server/startup/running-console.ts';
import { handle } from '../handle.ts';
import { HANDLERS } from '../handlers/all-handlers.ts';

const answer = async (request: Request): Promise<Response> =>
  handle(await runningConsole(), HANDLERS, request);

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
