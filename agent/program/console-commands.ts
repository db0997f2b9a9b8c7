import { type Command, Option } from 'commander';
import { CHOSEN_DEVICE_STATES } from '../../lib/domain/devices.ts';
import {
  ADDRESS_OPTIONS,
  addAddress,
  archiveAddress,
  changeAddress,
  listAddresses,
  showAddress,
} from '../commands/address.ts';
import { admin } from '../commands/admin.ts';
import { downloadHead, exportAudit, listAudit, verifyAudit } from '../commands/audit.ts';
import { downloadCertificate, verifyCertificate } from '../commands/certificate.ts';
import { addDevice, changeDevice, listDevices, showDevice } from '../commands/device.ts';
import { login, logout, whoami } from '../commands/login.ts';
import { size, whole } from '../host/option-values.ts';
import { add, type Runner, withConsole, withFile, withTrust } from './add-command.ts';
import { functionCommands } from './function-commands.ts';
import { jobCommands } from './job-commands.ts';
import { notificationCommands } from './notification-commands.ts';
import { storeCommands } from './store-commands.ts';

/** Commands that work with the console. */
export function consoleCommands(root: Command, run: Runner): void {
  withConsole(add(root, 'login')).action((options) => run((context) => login(options, context)));
  withConsole(add(root, 'logout')).action((options) => run((context) => logout(options, context)));
  withConsole(add(root, 'whoami')).action((options) => run((context) => whoami(options, context)));
  jobCommands(root, run);
  deviceCommands(add(root, 'device'), run);
  addressCommands(add(root, 'address'), run);
  storeCommands(add(root, 'store'), run);
  functionCommands(add(root, 'function'), run);
  notificationCommands(add(root, 'notification'), run);
  auditCommands(add(root, 'audit'), run);
  add(root, 'admin')
    .argument('[args...]', 'what waybill admin takes')
    .helpOption(false)
    .allowUnknownOption()
    .action((args) => run(() => admin(args)));
}

function deviceCommands(device: Command, run: Runner): void {
  withConsole(add(device, 'list')).action((options) =>
    run((context) => listDevices(options, context)),
  );
  withConsole(add(device, 'show'))
    .argument('<device>', 'id of the device')
    .action((id, options) => run((context) => showDevice(id, options, context)));
  withFile(withConsole(add(device, 'certificate')))
    .argument('<device-or-job>', 'id of the device, or of the job whose device was erased')
    .action((id, options) => run((context) => downloadCertificate(id, options, context)));
  withTrust(withConsole(add(device, 'verify-certificate')))
    .argument('<file>', 'certificate of erasure')
    .action((file, options) => run((context) => verifyCertificate(file, options, context)));
  withConsole(add(device, 'add'))
    .argument('<device>', 'id of the device')
    .addOption(
      new Option('--capacity <size>', 'such as 80TB').argParser(size).makeOptionMandatory(),
    )
    .option('--note <text>', 'note')
    .action((id, options) => run((context) => addDevice(id, options, context)));
  withConsole(add(device, 'change'))
    .argument('<device>', 'id of the device')
    .addOption(new Option('--state <state>', 'state of the device').choices(CHOSEN_DEVICE_STATES))
    .option('--note <text>', 'note')
    .action((id, options) => run((context) => changeDevice(id, options, context)));
}

function addressCommands(address: Command, run: Runner): void {
  const described = (command: Command, needed: boolean) => {
    for (const { flags, about, required } of Object.values(ADDRESS_OPTIONS))
      command.addOption(new Option(flags, about).makeOptionMandatory(needed && required));
    return command.option('--pickup', 'a person fetches the device there; no carrier brings it');
  };
  withConsole(add(address, 'list'))
    .option('--archived', 'only those that no new job may use')
    .option('--text <text>', 'only those with this text in name, company, street, city or code')
    .action((options) => run((context) => listAddresses(options, context)));
  withConsole(add(address, 'show'))
    .argument('<address>', 'id of the address')
    .action((id, options) => run((context) => showAddress(id, options, context)));
  described(withConsole(add(address, 'add')), true).action((options) =>
    run((context) => addAddress(options, context)),
  );
  described(
    withConsole(add(address, 'change')).argument('<address>', 'id of the address'),
    false,
  ).action((id, options) => run((context) => changeAddress(id, options, context)));
  withConsole(add(address, 'archive'))
    .argument('<address>', 'id of the address')
    .option('--undo', 'take it out of the archive')
    .action((id, options) => run((context) => archiveAddress(id, options, context)));
}

function auditCommands(audit: Command, run: Runner): void {
  withTrust(withConsole(add(audit, 'verify')))
    .option('--head <file...>', 'signed head that you kept (file of waybill audit head, or a mail)')
    .option('--log <file>', 'check this download of the log, without the console')
    .action((options) => run((context) => verifyAudit(options, context)));
  withFile(withConsole(add(audit, 'head'))).action((options) =>
    run((context) => downloadHead(options, context)),
  );
  withFile(withConsole(add(audit, 'export'))).action((options) =>
    run((context) => exportAudit(options, context)),
  );
  withConsole(add(audit, 'list'))
    .addOption(
      new Option('--limit <n>', 'how many entries').argParser(whole(1, 1_000_000)).default(50),
    )
    .action((options) => run((context) => listAudit(options, context)));
}
