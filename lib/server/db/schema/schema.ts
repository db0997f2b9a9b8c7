import * as accessKeys from './access-keys.ts';
import * as addresses from './addresses.ts';
import * as auth from './auth.ts';
import * as aws from './aws.ts';
import * as credentials from './credentials.ts';
import * as custody from './custody.ts';
import * as devices from './devices.ts';
import * as events from './events.ts';
import * as evidence from './evidence.ts';
import * as functions from './functions.ts';
import * as incidents from './incidents.ts';
import * as invitations from './invitations.ts';
import * as jobs from './jobs.ts';
import * as leases from './leases.ts';
import * as notifications from './notifications.ts';
import * as operations from './operations.ts';
import * as progress from './progress.ts';
import * as settings from './settings.ts';
import * as shipments from './shipments.ts';
import * as storeEndpoints from './store-endpoints.ts';
import * as stores from './stores.ts';
import * as tokens from './tokens.ts';

/** All tables of the console, for whatever asks the database by their names. */
export const schema = {
  ...accessKeys,
  ...addresses,
  ...auth,
  ...aws,
  ...credentials,
  ...custody,
  ...devices,
  ...events,
  ...evidence,
  ...functions,
  ...incidents,
  ...invitations,
  ...jobs,
  ...leases,
  ...notifications,
  ...operations,
  ...progress,
  ...settings,
  ...shipments,
  ...storeEndpoints,
  ...stores,
  ...tokens,
};
