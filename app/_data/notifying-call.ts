'use client';

import type { CallOptions, CallResult } from '../../lib/api/client.ts';
import type { RouteName } from '../../lib/api/wire.ts';
import { sayError, sentence } from '../_ui/failure.tsx';
import { useNotify } from '../_ui/notices.tsx';
import { useCall } from './api.ts';

/** A change that no dialog makes: what goes wrong is told at the top of the page. */
export function useNotifyingCall<N extends RouteName>(
  name: N,
  onDone?: (result: CallResult<N>) => void,
): (options: CallOptions<N>) => void {
  const notify = useNotify();
  const { mutate } = useCall(name, onDone);
  return (options) =>
    mutate(options, {
      onError: (error) => {
        const { message, next } = sayError(error);
        notify('error', sentence(message), sentence(next));
      },
    });
}
