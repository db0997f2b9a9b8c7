import { type Command, Option } from 'commander';
import { STORAGE_CLASSES } from '../../lib/domain/storage-classes.ts';
import {
  ADDED_KINDS,
  addStore,
  changeStore,
  changeStoreKey,
  checkStore,
  listStores,
} from '../commands/store.ts';
import { add, type Runner, withConsole } from './add-command.ts';

const KEY_FILE = 'file with the key pair, as AWS writes it; - is standard input';

/** Commands about stores. */
export function storeCommands(store: Command, run: Runner): void {
  withConsole(add(store, 'list')).action((options) =>
    run((context) => listStores(options, context)),
  );
  withConsole(add(store, 'add'))
    .argument('<store>', 'id of the store')
    .addOption(
      new Option('--kind <kind>', 'kind of store').choices(ADDED_KINDS).makeOptionMandatory(),
    )
    .option('--root <dir>', 'absolute directory that holds the buckets')
    .option('--endpoint <url>', 'S3-compatible endpoint (default: of AWS in the region)')
    .option('--region <region>', 'region of the endpoint')
    .option('--access-key-file <file>', KEY_FILE)
    .option('--virtual-host', 'the endpoint wants the bucket in its host name, not in the path')
    .addOption(
      new Option('--storage-class <class>', 'storage class of new objects').choices(
        STORAGE_CLASSES,
      ),
    )
    .addOption(
      new Option('--sse <mode>', 'how the store encrypts new objects').choices([
        'AES256',
        'aws:kms',
      ]),
    )
    .option('--sse-key <arn>', 'key of AWS KMS for --sse aws:kms')
    .option('--name <name>', 'name for people (default: the id)')
    .option('--bucket <bucket>', 'bucket to make if it is missing')
    .action((id, options) => run((context) => addStore(id, options, context)));
  withConsole(add(store, 'change'))
    .argument('<store>', 'id of the store')
    .option('--reports-bucket <bucket>', 'bucket for completion reports; empty: of each job')
    .option('--reports-prefix <prefix>', 'prefix of completion reports; empty: waybill-reports/')
    .option('--read-twice', 'exports read objects twice of which the store says nothing')
    .option('--no-read-twice', 'exports read such objects once, and count them as not proved')
    .option('--opaque-etags', 'ETags here look like an MD5 but are none')
    .option(
      '--forget-markers',
      'the buckets in this directory were replaced: take what lies there now for them',
    )
    .option('--no-opaque-etags', 'ETags here are MD5s, as S3 has it')
    .action((id, options) => run((context) => changeStore(id, options, context)));
  withConsole(add(store, 'check'))
    .argument('<store>', 'id of the store')
    .requiredOption('--bucket <bucket>', 'bucket to check')
    .action((id, options) => run((context) => checkStore(id, options, context)));
  withConsole(add(store, 'change-key'))
    .argument('<store>', 'id of the store')
    .requiredOption('--access-key-file <file>', KEY_FILE)
    .action((id, options) => run((context) => changeStoreKey(id, options, context)));
}
