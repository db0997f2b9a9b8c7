import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** Whether the page is alive in a browser; not yet while the server paints it, nor when it first begins. */
export const useAlive = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
