import type { AnswerOf } from '../../lib/api/contract.ts';
import { type ChosenDeviceState, measureWords } from '../../lib/domain/devices.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { listItems, type Output } from '../output/output.ts';
import { pairs, table } from '../output/table.ts';

type Device = AnswerOf<'getDevice'>;

const PAGE = 500;

/** Lists all devices. */
export async function listDevices(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { client } = consoleClient(options);
  const devices: Device[] = [];
  let after: string | undefined;
  do {
    const page: AnswerOf<'listDevices'> = await client.call('listDevices', {
      query: { limit: PAGE, after },
    });
    devices.push(...page.devices);
    after = page.next ?? undefined;
  } while (after !== undefined);
  const lines = table(
    ['DEVICE', 'CAPACITY', 'OWNER', 'STATE', 'JOB', 'NOTE'],
    devices.map((d) => [
      d.id,
      `${formatBytes(d.capacityBytes)}${d.measure?.simulated ? ' simulated' : ''}`,
      d.owner,
      d.state,
      d.jobId ?? '-',
      d.note,
    ]),
  );
  listItems(
    output,
    devices.map((device) => ({ device })),
    lines,
  );
  output.result({ facts: { devices: devices.length }, lines: [`${devices.length} devices`] });
  return 0;
}

/** Shows a device. */
export async function showDevice(
  deviceId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  return printDevice(await client.call('getDevice', { params: { deviceId } }), output);
}

/** Adds a device of the provider. */
export async function addDevice(
  id: string,
  options: ConsoleOptions & { capacity: number; note?: string },
  { output }: Context,
): Promise<Finished> {
  const { capacity: capacityBytes, note = '' } = options;
  const { client } = consoleClient(options);
  return printDevice(await client.call('addDevice', { body: { id, capacityBytes, note } }), output);
}

/** Changes the state or note of a device that no job has. */
export async function changeDevice(
  deviceId: string,
  options: ConsoleOptions & { state?: ChosenDeviceState; note?: string },
  { output }: Context,
): Promise<Finished> {
  const { state, note } = options;
  if (state === undefined && note === undefined) {
    throw new WaybillError('Usage', { detail: 'what is to change? give --state or --note' });
  }
  const { client } = consoleClient(options);
  const body = { ...(state ? { state } : {}), ...(note === undefined ? {} : { note }) };
  return printDevice(await client.call('changeDevice', { params: { deviceId }, body }), output);
}

function printDevice(device: Device, output: Output): Finished {
  const lines = pairs([
    ['device', device.id],
    ['capacity', formatBytes(device.capacityBytes)],
    ['measured', device.measure ? measureWords(device.measure) : undefined],
    ['owner', device.owner],
    ['state', device.state],
    ['where', device.place],
    ['job', device.jobId],
    ['note', device.note],
  ]);
  output.result({ facts: { device }, lines });
  return 0;
}
