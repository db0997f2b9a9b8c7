import { SHIPPING_SERVICES, type ShippingService } from '../../domain/words.ts';
import { combination } from './invalid-combination.ts';

/** AWS's spelling of a shipping service: SECOND_DAY is second-day. */
export const shippingOptionOf = (service: ShippingService): string =>
  service.toUpperCase().replace('-', '_');

/** Throws InputCombination for an option that Snowball has not. */
export function shippingServiceOf(option: string): ShippingService {
  const service = SHIPPING_SERVICES.find((each) => shippingOptionOf(each) === option);
  if (service) return service;
  throw combination(
    `there is no shipping option ${option}`,
    `give one of ${SHIPPING_SERVICES.map(shippingOptionOf).join(', ')}`,
  );
}
