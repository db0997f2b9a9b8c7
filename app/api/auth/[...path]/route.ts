import { answerAuth } from '../../../../lib/server/sign-in/answer-auth.ts';
import { runningConsole } from '../../../../lib/server/startup/running-console.ts';

/** Sign-in and the agent's device login. */
async function answer(request: Request): Promise<Response> {
  return answerAuth(await runningConsole(), request, new Date());
}

export { answer as GET, answer as POST };
