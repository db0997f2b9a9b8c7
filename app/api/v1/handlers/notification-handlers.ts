import type { TargetRow } from '../../../../lib/api/schemas/notification-schemas.ts';
import type { Actor } from '../../../../lib/server/actors/actor.ts';
import {
  listDeliveries,
  redeliver,
  testTarget,
} from '../../../../lib/server/notifications/deliveries.ts';
import {
  changeNotificationSettings,
  notificationSettings,
} from '../../../../lib/server/notifications/mail-settings.ts';
import {
  addTarget,
  changeTarget,
  listTargets,
  removeTarget,
  renewSecret,
  type Target,
  visibleAddress,
} from '../../../../lib/server/notifications/targets.ts';
import type { Handlers } from '../handle.ts';

type NotificationRoutes =
  | 'listTargets'
  | 'addTarget'
  | 'changeTarget'
  | 'removeTarget'
  | 'renewTargetSecret'
  | 'testTarget'
  | 'listDeliveries'
  | 'redeliver'
  | 'notificationSettings'
  | 'changeNotificationSettings';

function row(target: Target, actor: Actor): TargetRow {
  const { wrappedSecret: _secret, removedAt: _removed, ...shown } = target;
  return { ...shown, address: visibleAddress(target, actor) };
}

/** Who is told what happens to jobs. */
export const notificationHandlers: Pick<Handlers, NotificationRoutes> = {
  listTargets: async ({ context, actor }) => ({
    targets: (await listTargets(context.db.read)).map((target) => row(target, actor)),
  }),
  addTarget: async ({ context, actor, body, now }) => {
    const { target, secret } = await addTarget(context, actor, body, now);
    return { ...row(target, actor), secret };
  },
  changeTarget: async ({ context, actor, params, body, now }) =>
    row(await changeTarget(context, actor, { ...params, change: body }, now), actor),
  removeTarget: ({ context, actor, params, now }) =>
    removeTarget(context, actor, params.targetId, now),
  renewTargetSecret: async ({ context, actor, params, now }) => ({
    secret: await renewSecret(context, actor, params.targetId, now),
  }),
  testTarget: ({ context, actor, params, now }) => testTarget(context, actor, params.targetId, now),
  listDeliveries: async ({ context, query }) => {
    const { limit, ...filter } = query;
    const found = await listDeliveries(context.db.read, { ...filter, limit: limit + 1 });
    const deliveries = found.slice(0, limit);
    return { deliveries, next: found.length > limit ? (deliveries.at(-1)?.seq ?? null) : null };
  },
  redeliver: ({ context, actor, params, now }) => redeliver(context, actor, params.deliveryId, now),
  notificationSettings: ({ context }) => notificationSettings(context.db.read),
  changeNotificationSettings: async ({ context, actor, body, now }) => {
    await changeNotificationSettings(context, actor, body, now);
    return notificationSettings(context.db.read);
  },
};
