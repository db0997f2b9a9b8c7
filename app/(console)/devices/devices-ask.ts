import type { DeviceFilter } from '../../../lib/api/schemas/device-schemas.ts';
import { DEVICE_OWNERS, DEVICE_STATES, isWord } from '../../../lib/domain/words.ts';

const PAGE = 50;

/** Reads the filter of an address; what is not valid in it is left out. */
export function readDeviceFilter(params: URLSearchParams): DeviceFilter {
  const [state, owner, text] = ['state', 'owner', 'text'].map((name) => params.get(name));
  return {
    ...(isWord(DEVICE_STATES, state) && { state }),
    ...(isWord(DEVICE_OWNERS, owner) && { owner }),
    ...(text && { text: text.slice(0, 100) }),
  };
}

/** What the API is asked for a page of the list. */
export const devicesAsk = (filter: DeviceFilter, after?: string) => ({
  query: { limit: PAGE, after, ...filter },
});
