import { AUTH_PATHS } from '../../../../lib/server/auth/auth.ts';
import { runningConsole } from '../../../../lib/server/startup/running-console.ts';

/** Sign-in and the agent's device login; of what better-auth can do, the listed paths only. */
async function answer(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^\/api\/auth/, '');
  if (!AUTH_PATHS.some((known) => known === path)) return new Response(null, { status: 404 });
  const { auth } = await runningConsole();
  return auth.handler(request);
}

export { answer as GET, answer as POST };
