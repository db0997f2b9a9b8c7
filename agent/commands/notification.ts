import type { AnswerOf } from '../../lib/api/contract.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { DeliveryState, NotificationChoice } from '../../lib/domain/notifications.ts';
import { JOB_STATES } from '../../lib/domain/words.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { wordOf } from '../host/option-values.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { listItems, type Output } from '../output/output.ts';
import { pairs, plain, table } from '../output/table.ts';

type Target = AnswerOf<'listTargets'>['targets'][number];
type Delivery = AnswerOf<'listDeliveries'>['deliveries'][number];

/** Lists who is told what happens to jobs. */
export async function listTargets(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { targets } = await consoleClient(options).client.call('listTargets');
  const lines = table(
    ['TARGET', 'NAME', 'KIND', 'ADDRESS', 'HEARS', 'OF'],
    targets.map((target) => [
      ...[target.id, target.name, target.kind, target.address],
      ...[target.disabledAt ? 'nothing: disabled' : subscriptionWords(target)],
      target.everyJob ? 'every job' : 'jobs that name it',
    ]),
  );
  listItems(
    output,
    targets.map((target) => ({ target })),
    lines,
  );
  output.result({ facts: { targets: targets.length }, lines: [`${targets.length} targets`] });
  return 0;
}

function subscriptionWords({ notifyAll, states, attention }: NotificationChoice): string {
  const told = notifyAll ? 'all states' : states.join(',') || 'no state';
  return attention ? `${told}; incidents` : told;
}

/** What a target hears, as options say it. */
export interface SubscriptionOptions {
  states?: string;
  incidents?: boolean;
  everyJob?: boolean;
  onlyNamed?: boolean;
}

/** `--states all` or a list; what is left out stays as it is. Throws Usage. */
function choiceOf({ states, incidents, everyJob, onlyNamed }: SubscriptionOptions) {
  const words = states === undefined || states === 'all' ? [] : states.split(',');
  return {
    ...(states !== undefined && {
      notifyAll: states === 'all',
      states: words.map((word) => wordOf(JOB_STATES, word.trim(), '--states')),
    }),
    ...(incidents !== undefined && { attention: incidents }),
    ...(everyJob && { everyJob: true }),
    ...(onlyNamed && { everyJob: false }),
  };
}

export interface AddTargetOptions extends ConsoleOptions, SubscriptionOptions {
  webhook?: string;
  mail?: string;
  /** Where the secret of a webhook is written. */
  secretFile?: string;
}

/** Adds a target. The secret that signs a webhook's messages goes to a file, once. Throws Usage. */
export async function addTarget(
  name: string,
  options: AddTargetOptions,
  { output }: Context,
): Promise<Finished> {
  const { webhook, mail, secretFile } = options;
  const address = webhook ?? mail;
  if (address === undefined || (webhook !== undefined && mail !== undefined))
    throw new WaybillError('Usage', { detail: 'give --webhook or --mail, one of them' });
  if (webhook !== undefined && secretFile === undefined)
    throw new WaybillError('Usage', {
      detail: 'the secret of a webhook is shown once: name a new file with --secret-file',
    });
  if (secretFile !== undefined) refuseExisting(secretFile, false);
  const kind = webhook === undefined ? 'email' : 'webhook';
  const { client } = consoleClient(options);
  const body = { name, kind, address, ...choiceOf(options) } as const;
  const { secret, ...target } = await client.call('addTarget', { body });
  await keepSecret(secret, secretFile);
  return printTarget(target, output);
}

async function keepSecret(secret: string | null, file: string | undefined): Promise<void> {
  if (secret !== null && file !== undefined) await writePrivate(file, Buffer.from(`${secret}\n`));
}

export interface ChangeTargetOptions extends ConsoleOptions, SubscriptionOptions {
  name?: string;
  address?: string;
  disable?: boolean;
  enable?: boolean;
}

/** Changes what is given of a target. Throws Usage when nothing is. */
export async function changeTarget(
  targetId: string,
  options: ChangeTargetOptions,
  { output }: Context,
): Promise<Finished> {
  const { name, address, disable, enable } = options;
  const body = {
    ...choiceOf(options),
    ...(name !== undefined && { name }),
    ...(address !== undefined && { address }),
    ...((disable || enable) && { disabled: disable === true }),
  };
  if (Object.keys(body).length === 0)
    throw new WaybillError('Usage', { detail: 'what is to change? give at least one option' });
  const { client } = consoleClient(options);
  return printTarget(await client.call('changeTarget', { params: { targetId }, body }), output);
}

/** Removes a target; what waits for it is not sent. */
export async function removeTarget(
  targetId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  await consoleClient(options).client.call('removeTarget', { params: { targetId } });
  output.result({ facts: { targetId }, lines: [`target ${plain(targetId)} is removed`] });
  return 0;
}

/** Makes a new secret for a webhook, and writes it to a file. */
export async function renewSecret(
  targetId: string,
  { secretFile, ...options }: ConsoleOptions & { secretFile: string },
  { output }: Context,
): Promise<Finished> {
  refuseExisting(secretFile, false);
  const { client } = consoleClient(options);
  const { secret } = await client.call('renewTargetSecret', { params: { targetId } });
  await keepSecret(secret, secretFile);
  const lines = [`the new secret of ${plain(targetId)} is in ${plain(secretFile)}`];
  output.result({ facts: { targetId, secretFile }, lines });
  return 0;
}

/** Sends a test message at once. Ends with 1 when it did not arrive. */
export async function testTarget(
  targetId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  return printDelivery(await client.call('testTarget', { params: { targetId } }), output);
}

/** Sends a message again at once. Ends with 1 when it did not arrive. */
export async function redeliver(
  deliveryId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  return printDelivery(await client.call('redeliver', { params: { deliveryId } }), output);
}

export interface DeliveriesOptions extends ConsoleOptions {
  target?: string;
  job?: string;
  state?: DeliveryState;
  limit: number;
}

/** Lists messages and how their delivery went, newest first. */
export async function listDeliveries(
  { target: targetId, job: jobId, state, limit, ...options }: DeliveriesOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const query = { targetId, jobId, state, limit };
  const { deliveries } = await client.call('listDeliveries', { query });
  const lines = table(
    ['MESSAGE', 'AT', 'TARGET', 'ABOUT', 'STATE', 'ATTEMPTS', 'LAST'],
    deliveries.map((delivery) => [
      ...[delivery.id, delivery.createdAt, delivery.targetName, delivery.summary],
      ...[delivery.state, String(delivery.attempts.length), lastOf(delivery)],
    ]),
  );
  listItems(
    output,
    deliveries.map((delivery) => ({ delivery })),
    lines,
  );
  const counted = [`${deliveries.length} messages`];
  output.result({ facts: { deliveries: deliveries.length }, lines: counted });
  return 0;
}

const lastOf = ({ attempts }: Delivery): string => {
  const last = attempts.at(-1);
  return last ? (last.error ?? String(last.status ?? '')) : '-';
};

function printDelivery(delivery: Delivery, output: Output): Finished {
  const lines = pairs([
    ['message', delivery.id],
    ['target', delivery.targetName],
    ['state', delivery.state],
    ['answer', lastOf(delivery)],
  ]);
  output.result({ facts: { delivery }, lines });
  return delivery.state === 'delivered' ? 0 : 1;
}

function printTarget(target: Target, output: Output): Finished {
  const lines = pairs([
    ['target', target.id],
    ['name', target.name],
    ['kind', target.kind],
    ['address', target.address],
    ['hears', subscriptionWords(target)],
    ['of', target.everyJob ? 'every job' : 'jobs that name it'],
    ['disabled', target.disabledAt],
  ]);
  output.result({ facts: { target }, lines });
  return 0;
}
