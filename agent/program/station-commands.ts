import { type Command, Option } from 'commander';
import { ERASE_METHOD_NAMES } from '../../lib/domain/erasing.ts';
import { ARCHIVE_UNITS } from '../../lib/domain/words.ts';
import {
  stationErase,
  stationExport,
  stationImport,
  stationPrepare,
  stationReceive,
  stationWatch,
} from '../commands/station.ts';
import { collect, overwriteOption, size, whole } from '../host/option-values.ts';
import { DEVICES_AT_ONCE } from '../station/watch.ts';
import { add, type Runner, withConsole } from './add-command.ts';

/** Commands of a facility's host. */
export function stationCommands(root: Command, run: Runner): void {
  const station = add(root, 'station');
  const working = (name: string) =>
    withConsole(add(station, name))
      .option('--state <dir>', 'where this host keeps the state of jobs (or WAYBILL_STATE)')
      .addOption(
        new Option('--workers <n>', 'threads (default: processors, 8 at most)').argParser(
          whole(0, 64),
        ),
      )
      .option(
        '--take-over-lock',
        'take over from an agent or station on another host that runs no longer',
      );
  const onDevice = (name: string) =>
    working(name).requiredOption('--device <dir>', 'directory where the device is mounted');
  const ofJob = (name: string) =>
    onDevice(name).option('--job <id>', 'the job, when the device carries no label');
  const mayBeSimulated = (command: Command) =>
    command.option('--simulated', 'take a plain folder for a device, for trials');
  mayBeSimulated(onDevice('prepare'))
    .argument('<job>', 'id of the job')
    .option('--device-id <id>', 'id of the device (default: the name of its directory)')
    .addOption(
      new Option(
        '--capacity <size>',
        'what a simulated device counts as (default: size of the job); others are measured',
      ).argParser(size),
    )
    .action((job, options) => run((context) => stationPrepare(job, options, context)));
  mayBeSimulated(onDevice('export'))
    .argument('<job>', 'id of the job')
    .option(
      '--read-twice',
      'read objects twice of which the store says nothing that can be compared (default: as the store’s settings say)',
    )
    .action((job, options) => run((context) => stationExport(job, options, context)));
  ofJob('receive')
    .option(
      '--seal <number>',
      'number of a tamper seal on the device; may be given several times',
      collect,
    )
    .action((options) => run((context) => stationReceive(options, context)));
  ofJob('import')
    .option('--no-erase', 'leave the device as it is; waybill station erase does it later')
    .addOption(overwriteOption())
    .option(
      '--without-seals',
      'begin although the tamper seals noted at departure were not compared; the custody log says so',
    )
    .option('--only-failed', 'just the objects that failed before, into the same report')
    .addOption(
      new Option(
        '--archive <unit>',
        'what becomes one archive of glacier (default: as the job says)',
      ).choices(ARCHIVE_UNITS),
    )
    .action((options) => run((context) => stationImport(options, context)));
  ofJob('erase')
    .addOption(
      new Option('--method <method>', 'how the medium is erased, after its files are overwritten')
        .choices(ERASE_METHOD_NAMES)
        .default('overwrite'),
    )
    .option(
      '--block-device <path>',
      'what is discarded or sanitized, by name; it is the one that is mounted at --device',
    )
    .action((options) => run((context) => stationErase(options, context)));
  mayBeSimulated(working('watch'))
    .argument('<dock>', 'directory in which each folder is a device')
    .option('--once', 'end when there is nothing more to do')
    .addOption(
      new Option('--devices <n>', 'how many devices are worked on at once')
        .env('WAYBILL_STATION_DEVICES')
        .default(DEVICES_AT_ONCE)
        .argParser(whole(1, 64)),
    )
    .action((dock, options) => run((context) => stationWatch(dock, options, context)));
}
