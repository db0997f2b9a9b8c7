import { answerAws } from '../../../../lib/aws/answer.ts';
import { runningConsole } from '../../../../lib/server/startup/running.ts';

const answer = async (request: Request): Promise<Response> =>
  answerAws(await runningConsole(), request);

export { answer as GET, answer as POST };
