import { eq } from 'drizzle-orm';
import type { KeyContext, Kms } from '../../keys/kms/kms.ts';
import type { RemoteCredentials } from '../../stores/store-spec.ts';
import type { ConsoleDatabase, Tx } from '../db/database.ts';
import { storeEndpoints } from '../db/schema/store-endpoints.ts';

/** What stores are kept with: their key pairs are wrapped. */
export interface Keys {
  db: ConsoleDatabase;
  kms: Kms;
}

/** What the wrapped key pair of a store is bound to. */
export const storeContext = (storeId: string): KeyContext => ({
  store: storeId,
  use: 'store-credentials',
});

/** Wraps every key pair again. Returns how many there are. */
export async function rewrapStores(
  tx: Tx,
  rewrap: (wrapped: string, context: KeyContext) => Promise<string>,
): Promise<number> {
  const rows = await tx.select().from(storeEndpoints);
  for (const { storeId, wrappedCredentials: wrapped } of rows) {
    const wrappedCredentials = await rewrap(wrapped, storeContext(storeId));
    await tx
      .update(storeEndpoints)
      .set({ wrappedCredentials })
      .where(eq(storeEndpoints.storeId, storeId));
  }
  return rows.length;
}

export function wrapCredentials(kms: Kms, storeId: string, credentials: RemoteCredentials) {
  return kms.wrap(Buffer.from(JSON.stringify(credentials)), storeContext(storeId));
}
