import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: [
    './lib/server/db/schema.ts',
    './lib/server/db/custody-schema.ts',
    './lib/server/db/auth-schema.ts',
    './lib/server/db/store-schema.ts',
    './lib/server/db/address-schema.ts',
    './lib/server/db/notification-schema.ts',
    './lib/server/db/invitation-schema.ts',
    './lib/server/db/aws-schema.ts',
    './lib/server/db/function-schema.ts',
    './lib/server/db/operation-schema.ts',
    './lib/server/db/progress-schema.ts',
    './lib/server/db/evidence-schema.ts',
  ],
  out: './drizzle',
});
