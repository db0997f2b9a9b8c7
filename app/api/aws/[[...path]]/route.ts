import { handleAws } from '../../../../lib/aws/handle.ts';
import { runningConsole } from '../../../../lib/server/startup/running-console.ts';

const answer = async (request: Request): Promise<Response> =>
  handleAws(await runningConsole(), request);

export { answer as GET, answer as POST };
