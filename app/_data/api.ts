'use client';

import {
  keepPreviousData,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { CallOptions, CallResult } from '../../lib/api/client.ts';
import type { RouteName } from '../../lib/api/wire.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { api } from './api-client.ts';
import { usePerson, useRefusedRoutes } from './session.tsx';

/**
 * An answer of the API, kept in the cache under the route's name and what was asked. What the role may not read is not asked
 * for: it fails here as it would there.
 */
export function useApi<N extends RouteName>(
  name: N,
  options?: CallOptions<N>,
  /** `keep`: what was shown stays while the next page or filter loads. */
  { enabled = true, keep = false }: { enabled?: boolean; keep?: boolean } = {},
): UseQueryResult<CallResult<N>> {
  const { role } = usePerson();
  const permission = useRefusedRoutes()[name];
  const queryFn = async ({ signal }: { signal: AbortSignal }) => {
    if (permission) throw new WaybillError('Forbidden', { role, permission });
    return api.call(name, { ...options, signal } as CallOptions<N>);
  };
  return useQuery<CallResult<N>>({
    queryKey: [name, options ?? {}],
    queryFn,
    enabled,
    ...(permission && { retry: false }),
    ...(keep && { placeholderData: keepPreviousData as never }),
  });
}

/** A change through the API; afterwards everything on the page is asked for again. */
export function useCall<N extends RouteName>(name: N, onDone?: (result: CallResult<N>) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (options: CallOptions<N>) => api.call(name, options),
    onSuccess: async (result) => {
      await queries.invalidateQueries();
      onDone?.(result);
    },
  });
}
