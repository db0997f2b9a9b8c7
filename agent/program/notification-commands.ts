import { type Command, Option } from 'commander';
import { DELIVERY_STATES } from '../../lib/domain/notifications.ts';
import {
  addTarget,
  changeTarget,
  listDeliveries,
  listTargets,
  redeliver,
  removeTarget,
  renewSecret,
  testTarget,
} from '../commands/notification.ts';
import { whole } from '../host/option-values.ts';
import { add, type Runner, withConsole } from './add-command.ts';

const hearing = (command: Command): Command =>
  command
    .option('--states <states>', 'all, or states of a job separated by commas')
    .option('--incidents', 'incidents that are reported and resolved, too')
    .option('--no-incidents', 'no incidents')
    .option('--every-job', 'it hears of every job')
    .option('--only-named', 'it hears of jobs that name it only');

const withTarget = (command: Command): Command =>
  withConsole(command).argument('<target>', 'id of the target');

/** `waybill notification …`: who is told what happens to jobs. */
export function notificationCommands(notification: Command, run: Runner): void {
  withConsole(add(notification, 'list')).action((options) =>
    run((context) => listTargets(options, context)),
  );
  hearing(withConsole(add(notification, 'add')).argument('<name>', 'what it is called'))
    .option('--webhook <url>', 'URL that messages are sent to (Standard Webhooks)')
    .option('--mail <address>', 'address that messages are mailed to')
    .option('--secret-file <file>', 'new file for the secret that signs the messages')
    .action((name, options) => run((context) => addTarget(name, options, context)));
  hearing(withTarget(add(notification, 'change')))
    .option('--name <name>', 'what it is called')
    .option('--address <address>', 'URL or mail address')
    .addOption(new Option('--disable', 'send it nothing').conflicts('enable'))
    .option('--enable', 'send to it again')
    .action((id, options) => run((context) => changeTarget(id, options, context)));
  withTarget(add(notification, 'remove')).action((id, options) =>
    run((context) => removeTarget(id, options, context)),
  );
  withTarget(add(notification, 'renew-secret'))
    .requiredOption('--secret-file <file>', 'new file for the secret')
    .action((id, options) => run((context) => renewSecret(id, options, context)));
  withTarget(add(notification, 'test')).action((id, options) =>
    run((context) => testTarget(id, options, context)),
  );
  withConsole(add(notification, 'log'))
    .option('--target <target>', 'only messages to this target')
    .option('--job <job>', 'only messages about this job')
    .addOption(new Option('--state <state>', 'state of the delivery').choices(DELIVERY_STATES))
    .addOption(new Option('--limit <n>', 'how many').argParser(whole(1, 500)).default(50))
    .action((options) => run((context) => listDeliveries(options, context)));
  withConsole(add(notification, 'redeliver'))
    .argument('<message>', 'id of the message')
    .action((id, options) => run((context) => redeliver(id, options, context)));
}
