import { WaybillError } from '../../domain/errors.ts';
import { authorize } from '../../server/actors/actor.ts';
import { countProviderDevices } from '../../server/devices/assign-device.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall, SnowballOperation } from './call.ts';
import { changes, reads } from './call.ts';
import { pageOf } from './page-token.ts';

/** What the installation as a whole offers; of much that AWS sells there is nothing here, and that is what is told. */

async function getSnowballUsage({ context, actor }: SnowballCall): Promise<Members> {
  authorize(actor, 'device.read');
  const { all, inUse } = await countProviderDevices(context.db.read);
  return { SnowballLimit: all, SnowballsInUse: inUse };
}

/** A list that is always empty; a token for it was never given out. */
const nothing = (list: string, answer: (call: SnowballCall) => Members) =>
  reads(async (call) => {
    pageOf(call, list);
    return answer(call);
  });

async function createLongTermPricing(): Promise<Members> {
  throw new WaybillError('NotFound', { what: 'long term pricing', id: 'of this installation' });
}

async function updateLongTermPricing({ input }: SnowballCall): Promise<Members> {
  const id = String(input.LongTermPricingId);
  throw new WaybillError('NotFound', { what: 'long term pricing', id });
}

export const accountOperations = {
  GetSnowballUsage: reads(getSnowballUsage),
  ListCompatibleImages: nothing('ListCompatibleImages', () => ({ CompatibleImages: [] })),
  ListLongTermPricing: nothing('ListLongTermPricing', () => ({ LongTermPricingEntries: [] })),
  ListPickupLocations: nothing('ListPickupLocations', () => ({ Addresses: [] })),
  ListServiceVersions: nothing('ListServiceVersions', ({ input }) => ({
    ServiceName: input.ServiceName,
    ServiceVersions: [],
    DependentServices: [],
  })),
  CreateLongTermPricing: changes(createLongTermPricing),
  UpdateLongTermPricing: changes(updateLongTermPricing),
} satisfies Record<string, SnowballOperation>;
