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
  shownAddress,
  type Target,
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
  return { ...shown, address: shownAddress(target, actor) };
}

/** Who is told what happens to jobs. */
export const notificationHandlers: Pick<Handlers, NotificationRoutes> = {
  listTargets: async ({ console, actor }) => ({
    targets: (await listTargets(console.db.read)).map((target) => row(target, actor)),
  }),
  addTarget: async ({ console, actor, body, now }) => {
    const { target, secret } = await addTarget(console, actor, body, now);
    return { ...row(target, actor), secret };
  },
  changeTarget: async ({ console, actor, params, body, now }) =>
    row(await changeTarget(console, actor, { ...params, change: body }, now), actor),
  removeTarget: ({ console, actor, params, now }) =>
    removeTarget(console, actor, params.targetId, now),
  renewTargetSecret: async ({ console, actor, params, now }) => ({
    secret: await renewSecret(console, actor, params.targetId, now),
  }),
  testTarget: ({ console, actor, params, now }) => testTarget(console, actor, params.targetId, now),
  listDeliveries: async ({ console, query }) => {
    const { limit, ...filter } = query;
    const found = await listDeliveries(console.db.read, { ...filter, limit: limit + 1 });
    const deliveries = found.slice(0, limit);
    return { deliveries, next: found.length > limit ? (deliveries.at(-1)?.seq ?? null) : null };
  },
  redeliver: ({ console, actor, params, now }) => redeliver(console, actor, params.deliveryId, now),
  notificationSettings: ({ console }) => notificationSettings(console.db.read),
  changeNotificationSettings: async ({ console, actor, body, now }) => {
    await changeNotificationSettings(console, actor, body, now);
    return notificationSettings(console.db.read);
  },
};
