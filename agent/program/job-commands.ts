import { type Command, Option } from 'commander';
import { INCIDENT_KINDS } from '../../lib/domain/incidents.ts';
import {
  ARCHIVE_UNITS,
  JOB_STATES,
  JOB_TYPES,
  LEGS,
  OPTIONS,
  OVERWRITE_POLICIES,
  SHIPPING_SERVICES,
} from '../../lib/domain/words.ts';
import {
  actOnJob,
  changeJob,
  createJob,
  listJobs,
  reportIncident,
  resolveIncident,
  showJob,
} from '../commands/job.ts';
import { downloadManifest, handInReceipt, revealUnlockCode } from '../commands/job-credentials.ts';
import { jobCustody, jobEvents, jobReport } from '../commands/job-events.ts';
import {
  acceptLosses,
  allowErase,
  confirmRestored,
  destroyKey,
  retryFailed,
} from '../commands/job-losses.ts';
import { splitJob, sumRange } from '../commands/job-range.ts';
import { enterSeals, jobLabel, noteScan } from '../commands/job-shipping.ts';
import { plan } from '../commands/plan.ts';
import { collect, size, whole } from '../host/option-values.ts';
import { add, type Runner, withConsole } from './add-command.ts';
import { proofCommands } from './proof-commands.ts';

const chosen = (flags: string, about: string, words: readonly string[]): Option =>
  new Option(flags, about).choices([...words]);

/** Commands of jobs. */
export function jobCommands(root: Command, run: Runner): void {
  const job = add(root, 'job');
  editing(job, run);
  following(job, run);
  deciding(job, run);
  credentials(job, run);
  shipping(job, run);
  proofCommands(root, job, run);
}

function editing(job: Command, run: Runner): void {
  const described = (command: Command) =>
    command
      .option('--prefix <prefix>', 'prefix of the keys in the bucket')
      .addOption(chosen('--archive <unit>', 'what becomes one archive of glacier', ARCHIVE_UNITS))
      .addOption(
        chosen(
          '--overwrite <policy>',
          'what an import does with an object that is there already',
          OVERWRITE_POLICIES,
        ),
      )
      .option('--address <id>', 'address of the site, where the device is shipped to')
      .addOption(
        chosen('--shipping-service <service>', 'how fast the device travels', SHIPPING_SERVICES),
      )
      .option('--notify <target>', 'target that hears of it; may be given several times', collect)
      .option('--begin <key>', 'first key of an export')
      .option('--end <key>', 'last key of an export')
      .option('--include-reports', 'an export takes the completion reports in the bucket, too');
  described(
    withConsole(add(job, 'create'))
      .requiredOption('--name <name>', 'name of the job')
      .addOption(chosen('--option <option>', 'service option', OPTIONS).makeOptionMandatory())
      .addOption(chosen('--type <type>', 'direction', JOB_TYPES).makeOptionMandatory())
      .addOption(new Option('--size <size>', 'such as 80TB').argParser(size).makeOptionMandatory())
      .option('--no-encryption', 'a plain volume; only for the option disk')
      .requiredOption('--store <id>', 'store of the objects')
      .requiredOption('--bucket <bucket>', 'bucket in the store')
      .option(
        '--skip-store-check',
        'do not try the store now, since the console does not reach it; the station will',
      )
      .option('--processing <file>', 'processing steps at the site, JSON; for snowball-edge'),
  ).action((options) => run((context) => createJob(options, context)));
  described(
    withConsole(add(job, 'change'))
      .argument('<job>', 'id of the job')
      .option('--name <name>', 'name of the job')
      .addOption(new Option('--size <size>', 'such as 80TB').argParser(size))
      .option('--encryption', 'an encrypted volume')
      .option('--no-encryption', 'a plain volume; only for the option disk')
      .option('--store <id>', 'store of the objects')
      .option('--bucket <bucket>', 'bucket in the store')
      .option('--processing <file>', 'processing steps at the site, JSON; empty: none'),
  ).action((id, options) => run((context) => changeJob(id, options, context)));
  withConsole(add(job, 'sum'))
    .argument('<job>', 'id of an export')
    .action((id, options) => run((context) => sumRange(id, options, context)));
  withConsole(add(job, 'split'))
    .argument('<job>', 'id of an export')
    .addOption(
      new Option('--part-size <size>', 'what a part may hold (default: size of the job)').argParser(
        size,
      ),
    )
    .action((id, options) => run((context) => splitJob(id, options, context)));
  const shipped = withConsole(add(job, 'act'))
    .argument('<job>', 'id of the job')
    .argument('<action>', 'action of the lifecycle; waybill job show names those possible now')
    .option('--carrier <name>', 'who carries the device')
    .option('--service <name>', 'service of the carrier')
    .option('--tracking <number>', 'tracking number')
    .option(
      '--seal <number>',
      'number of a tamper seal, at departure and on arrival (compared); may be given several times',
      collect,
    )
    .option(
      '--without-seals',
      'begin an import although the tamper seals noted at departure were not compared; the custody log says so',
    )
    .option('--note <text>', 'note for the custody log');
  shipped.action((id, action, options) => run((context) => actOnJob(id, action, options, context)));
  withConsole(add(job, 'seals'))
    .argument('<job>', 'id of the job')
    .option('--seal <number>', 'number of a tamper seal; may be given several times', collect)
    .action((id, options) => run((context) => enterSeals(id, options, context)));
  withConsole(add(job, 'cancel'))
    .argument('<job>', 'id of the job')
    .option('--note <text>', 'note for the custody log')
    .action((id, options) => run((context) => actOnJob(id, 'cancel', options, context)));
}

function following(job: Command, run: Runner): void {
  withConsole(add(job, 'list'))
    .addOption(chosen('--state <state>', 'only jobs in this state', JOB_STATES))
    .addOption(chosen('--option <option>', 'only jobs of this option', OPTIONS))
    .addOption(chosen('--type <type>', 'only jobs of this direction', JOB_TYPES))
    .option('--attention', 'only jobs that need attention')
    .option('--text <text>', 'only jobs whose name holds this text, or whose id it is')
    .addOption(new Option('--limit <n>', 'how many jobs').argParser(whole(1, 100_000)).default(50))
    .action((options) => run((context) => listJobs(options, context)));
  withConsole(add(job, 'show'))
    .argument('<job>', 'id of the job')
    .action((id, options) => run((context) => showJob(id, options, context)));
  withConsole(add(job, 'events'))
    .argument('<job>', 'id of the job')
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .action((id, options) => run((context) => jobEvents(id, options, context)));
  withConsole(add(job, 'custody'))
    .argument('<job>', 'id of the job')
    .action((id, options) => run((context) => jobCustody(id, options, context)));
  withConsole(add(job, 'report'))
    .argument('<job>', 'id of the job')
    .option('--output-dir <dir>', 'write summary.json, success.csv and failure.csv there')
    .option('--force', 'replace files that are there')
    .action((id, options) => run((context) => jobReport(id, options, context)));
  withConsole(add(job, 'incident'))
    .argument('<job>', 'id of the job')
    .argument('<kind>', `one of ${INCIDENT_KINDS.join(', ')}`)
    .option('--note <text>', 'what was seen')
    .action((id, kind, options) => run((context) => reportIncident(id, kind, options, context)));
  withConsole(add(job, 'resolve'))
    .argument('<job>', 'id of the job')
    .option('--note <text>', 'how it was resolved')
    .action((id, options) => run((context) => resolveIncident(id, options, context)));
  add(job, 'plan')
    .requiredOption('--option <option>', 'snowball, snowball-edge or disk')
    .addOption(new Option('--bytes <size>', 'how much data, such as 240TB').argParser(size))
    .action((options) => run((context) => plan(options, context)));
}

function deciding(job: Command, run: Runner): void {
  withConsole(add(job, 'retry-failed'))
    .argument('<job>', 'id of the job')
    .action((id, options) => run((context) => retryFailed(id, options, context)));
  withConsole(add(job, 'accept-losses'))
    .argument('<job>', 'id of the job')
    .option('--list <sha256>', 'name of the list that is accepted; left out: show it')
    .option('--note <text>', 'why, for the custody log')
    .action((id, options) => run((context) => acceptLosses(id, options, context)));
  withConsole(add(job, 'confirm-restored'))
    .argument('<job>', 'id of the job')
    .option('--note <text>', 'how it is known, for the custody log')
    .action((id, options) => run((context) => confirmRestored(id, options, context)));
  withConsole(add(job, 'destroy-key'))
    .argument('<job>', 'id of the job')
    .option('--note <text>', 'why, for the custody log')
    .option('--yes', 'do it: no copy of the volume can be read after that')
    .action((id, options) => run((context) => destroyKey(id, options, context)));
  withConsole(add(job, 'allow-erase'))
    .argument('<job>', 'id of the job')
    .option('--note <text>', 'why it cannot be verified, for the custody log')
    .action((id, options) => run((context) => allowErase(id, options, context)));
}

function shipping(job: Command, run: Runner): void {
  withConsole(add(job, 'scan'))
    .argument('<job>', 'id of the job')
    .argument('<place>', 'where the device was seen')
    .option('--note <text>', 'what was seen')
    .action((id, place, options) => run((context) => noteScan(id, place, options, context)));
  withConsole(add(job, 'label'))
    .argument('<job>', 'id of the job')
    .addOption(chosen('--leg <leg>', 'which way the device travels', LEGS).default('to-facility'))
    .option('--packing-slip', 'the sheet for the box, in place of the label')
    .option('--output <file>', 'write a PDF to print')
    .option('--force', 'replace a file that is there')
    .action((id, options) => run((context) => jobLabel(id, options, context)));
}

function credentials(job: Command, run: Runner): void {
  withConsole(add(job, 'manifest'))
    .argument('<job>', 'id of the job')
    .option('--output <file>', 'where to write it (default: JOB.manifest)')
    .option('--force', 'replace a file that is there')
    .action((id, options) => run((context) => downloadManifest(id, options, context)));
  withConsole(add(job, 'unlock-code'))
    .argument('<job>', 'id of the job')
    .option('--yes', 'show it without asking')
    .option('--output <file>', 'write it to a file for its owner alone')
    .option('--force', 'replace a file that is there')
    .action((id, options) => run((context) => revealUnlockCode(id, options, context)));
  withConsole(add(job, 'receipt'))
    .argument('<job>', 'id of the job')
    .argument('<file>', 'receipt.cms, as waybill seal wrote it')
    .action((id, file, options) => run((context) => handInReceipt(id, file, options, context)));
}
