import type { Handlers } from '../handle.ts';
import { addressHandlers } from './address-handlers.ts';
import { deviceWorkHandlers } from './device-work-handlers.ts';
import { documentHandlers } from './document-handlers.ts';
import { evidenceHandlers } from './evidence-handlers.ts';
import { functionHandlers } from './function-handlers.ts';
import { installationHandlers } from './installation-handlers.ts';
import { jobHandlers } from './job-handlers.ts';
import { notificationHandlers } from './notification-handlers.ts';
import { peopleHandlers } from './people-handlers.ts';

/** One handler a route: the type holds that none is missing. */
export const HANDLERS: Handlers = {
  ...jobHandlers,
  ...deviceWorkHandlers,
  ...evidenceHandlers,
  ...installationHandlers,
  ...peopleHandlers,
  ...addressHandlers,
  ...documentHandlers,
  ...functionHandlers,
  ...notificationHandlers,
};
