import { join } from 'node:path';
import { shellWord } from '../../domain/shell-word.ts';
import { AGENT } from '../console/console-process.ts';
import { siteCommand, theJob, type World } from './story.ts';

const line = (...words: string[]): string => words.map(shellWord).join(' ');

/** The command of an action, with what it works on: the job and its device. */
function withObjects(command: string, world: World): string {
  const { id } = theJob(world);
  const [, group, verb, ...rest] = command.split(' ');
  const filled = rest.map((word) => (word === 'JOB' ? id : word));
  const words = ['node', AGENT, group ?? '', verb ?? ''];
  if (group !== 'station') return line(...words, ...filled);
  const job = verb === 'prepare' || verb === 'export' ? [id] : ['--job', id];
  // Stations alone get what opens a volume; a person's token is not enough.
  const token = ['--token-file', join(world.options.dataDir, 'station.token')];
  const simulated = verb === 'prepare' || verb === 'export' ? ['--simulated'] : [];
  return line(...words, ...job, '--device', world.device, ...simulated, ...token);
}

/** The command that goes on with the work of the station where the story interrupted it. */
function stationCommand({ interrupted, options }: World): string | undefined {
  if (!interrupted) return undefined;
  const state = `WAYBILL_STATE=${shellWord(join(options.dataDir, 'station-state'))}`;
  return `${state} ${line('node', AGENT, ...interrupted)}`;
}

/** The facts of a stop, for programs. */
export function stopFacts(world: World, port: number) {
  const { options, device, manifest, unlockCodeFile } = world;
  const { id: jobId, state, credentialsAvailable } = theJob(world);
  const { dataDir: data } = options;
  const credentials = credentialsAvailable
    ? { manifest, unlockCodeFile, command: line('node', AGENT, ...siteCommand(world)) }
    : {};
  const command = stationCommand(world);
  return { jobId, state, device, ...credentials, ...(command && { command }), port, data };
}

/** What a person types to go on where the story was stopped. */
export function byHand(world: World, port: number): string[] {
  const { options, context, person } = world;
  const job = theJob(world);
  const { device, manifest, unlockCodeFile, command } = stopFacts(world, port);
  const where = ['--data', options.dataDir, '--port', String(port), '--no-station'];
  const offered = job.offers.filter(({ allowed }) => allowed);
  return [
    `The job ${job.id} is ${job.state}. To go on by hand:`,
    `  console       ${line('npm', 'start', '--', ...where)}`,
    `  sign in       ${person.email}, password in ${person.passwordFile}; or, for the commands below:`,
    `                export WAYBILL_CONSOLE=${context.url} WAYBILL_TOKEN="$(cat ${shellWord(person.tokenFile)})"`,
    `  device        ${device}`,
    ...(manifest ? [`  manifest      ${manifest}`, `  unlock code   ${unlockCodeFile}`] : []),
    ...(command ? [`  at ${world.interrupted ? 'station   ' : 'the site  '} ${command}`] : []),
    ...offered.map((offer) => `  possible now  ${withObjects(offer.command, world)}`),
  ];
}
