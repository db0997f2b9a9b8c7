import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  // Every file with tables; `lib/server/db/schema/schema.ts` gathers the same ones, and a test compares the two.
  schema: [
    './lib/server/db/schema/access-keys.ts',
    './lib/server/db/schema/addresses.ts',
    './lib/server/db/schema/auth.ts',
    './lib/server/db/schema/aws.ts',
    './lib/server/db/schema/credentials.ts',
    './lib/server/db/schema/custody.ts',
    './lib/server/db/schema/devices.ts',
    './lib/server/db/schema/events.ts',
    './lib/server/db/schema/evidence.ts',
    './lib/server/db/schema/functions.ts',
    './lib/server/db/schema/incidents.ts',
    './lib/server/db/schema/invitations.ts',
    './lib/server/db/schema/jobs.ts',
    './lib/server/db/schema/leases.ts',
    './lib/server/db/schema/notifications.ts',
    './lib/server/db/schema/operations.ts',
    './lib/server/db/schema/progress.ts',
    './lib/server/db/schema/settings.ts',
    './lib/server/db/schema/shipments.ts',
    './lib/server/db/schema/store-endpoints.ts',
    './lib/server/db/schema/stores.ts',
    './lib/server/db/schema/tokens.ts',
  ],
  out: './drizzle',
});
