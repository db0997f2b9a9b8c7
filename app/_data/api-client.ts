import { createClient } from '../../lib/api/client.ts';

/** The console's own API, with the session of the page. */
export const api = createClient({ baseUrl: '' });
