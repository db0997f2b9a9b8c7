import { dehydrate, HydrationBoundary, QueryClient } from '@tanstack/react-query';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { type CallOptions, type Client, createClient } from '../../lib/api/client.ts';
import { refusedRoutes } from '../../lib/api/refused-routes.ts';
import type { RouteName } from '../../lib/api/wire.ts';
import { currentPerson } from '../../lib/server/requests/current-person.ts';
import { runningConsole } from '../../lib/server/startup/running-console.ts';
import { handle } from '../api/v1/handle.ts';
import { HANDLERS } from '../api/v1/handlers/all-handlers.ts';

/** A question of a page, as it asks it with `useApi`. */
type Ask = { [N in RouteName]: readonly [name: N, options?: CallOptions<N>] }[RouteName];

interface PrefetchedProps {
  asks: readonly Ask[];
  children: ReactNode;
}

/**
 * Answers what a page asks first while it is painted, so that nothing has to load and nothing jumps: of that, what the
 * person's role may read. What fails is asked again by the page, which tells of it.
 */
export async function Prefetched({ asks, children }: PrefetchedProps) {
  const sent = await headers();
  // From page to page the frame stands already, and the browser asks as soon as it knows where to.
  if (!sent.get('accept')?.includes('text/html')) return children;
  const person = await currentPerson();
  if (!person) return children;
  const refused = refusedRoutes(person.role);
  const client = await clientOf(sent.get('cookie') ?? '');
  const queries = new QueryClient();
  await Promise.all(
    asks
      .filter(([name]) => !(name in refused))
      .map(([name, options]) =>
        queries.prefetchQuery({
          queryKey: [name, options ?? {}],
          queryFn: () => client.call(name, options as CallOptions<RouteName>),
          retry: false,
        }),
      ),
  );
  return <HydrationBoundary state={dehydrate(queries)}>{children}</HydrationBoundary>;
}

/** The API of this process, for the person whose session it is, without a way over the network. */
async function clientOf(cookie: string): Promise<Client> {
  const context = await runningConsole();
  return createClient({
    baseUrl: 'http://console.invalid',
    fetch: (url) => handle(context, HANDLERS, new Request(String(url), { headers: { cookie } })),
  });
}
