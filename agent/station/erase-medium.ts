import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ERASE_METHODS, type ErasedMedium, type EraseMethod } from '../../lib/domain/erasing.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { publish } from '../../lib/files/durable.ts';
import {
  type BlockDevice,
  blockDeviceAt,
  blockDeviceNamed,
  isSameBlockDevice,
  otherUses,
  transportOf,
} from './block-device.ts';

/**
 * Erases the medium of a device beyond its files: discards the block device, or has the drive sanitize itself. Only the
 * block device that the caller names is touched, and only when it is the very one that was mounted at the device's
 * directory while its volume was proved.
 */

export interface MediumOptions {
  method?: EraseMethod | undefined;
  /** What is to be discarded or sanitized: the block device, by name. */
  blockDevice?: string | undefined;
}

interface MediumWork extends MediumOptions {
  deviceDir: string;
  stateDir: string;
}

/** How a program ended. */
export interface RunResult {
  /** Exit code; null: it could not be started. */
  status: number | null;
  output: string;
}
export type Run = (
  tool: string,
  args: readonly string[],
  signal?: AbortSignal,
) => Promise<RunResult>;

/** What is noted beside the job's state before the medium is touched: afterwards nothing is mounted any more. */
interface Note extends ErasedMedium {
  blockDevice: string;
  bytes: number;
  done: boolean;
}
const NOTE = 'erase-medium.json';

/** A command that a drive or the kernel is given. */
interface Command {
  tool: string;
  args: readonly string[];
  /** Commands that have to go before. */
  first?: Command;
  /** Where the command only starts it: asks whether it has ended. */
  poll?: Command;
}

/**
 * Throws what stands in the way of a method, before anything is erased: EraseTargetRefused for a block device that is not
 * the one of this device or is used elsewhere, EraseMethodUnavailable where it cannot be done. Notes which medium it is.
 */
export async function checkMedium(work: MediumWork, run: Run = runTool): Promise<void> {
  const { method = 'overwrite', deviceDir } = work;
  if (method === 'overwrite') return;
  const device = namedDevice(work);
  const noted = readNote(work);
  if (noted?.done) return;
  const mounted = blockDeviceAt(deviceDir);
  if (!mounted && !noted) throw refused(device, `no block device is mounted at ${deviceDir}`);
  if (mounted) requireTarget(work, device, mounted);
  const command = commandFor(method, device);
  const there = await run(command.tool, ['--version']);
  if (there.status === null)
    throw unavailable(work, `the program ${command.tool} is not installed on this host`);
  const known = blockDeviceNamed(device);
  if (!known) throw refused(device, 'it is no block device');
  if (noted) return requireSameMedium(noted, known);
  const { serial, model, bytes } = known;
  const tool = toolText(command);
  keepNote(work, { way: method, tool, serial, model, blockDevice: device, bytes, done: false });
}

function requireTarget(work: MediumWork, device: string, mounted: BlockDevice): void {
  const wanted = work.method === 'discard' ? mounted.source : mounted.disk;
  if (!isSameBlockDevice(device, wanted))
    throw refused(device, `what is mounted at ${work.deviceDir} is ${wanted}`);
  const uses = otherUses(wanted, work.deviceDir);
  if (uses.length > 0) throw refused(device, `it is ${uses.join(', ')}`);
}

/** A name may lead to another disk after it was plugged in again. */
function requireSameMedium(noted: Note, known: BlockDevice): void {
  const { blockDevice, serial, bytes } = noted;
  if (known.serial === serial && known.bytes === bytes) return;
  throw refused(blockDevice, 'it is another one than the one that this erasure began with');
}

/**
 * Erases the medium after its files. Run again it goes on, or says what was done. Throws what `checkMedium` throws,
 * EraseMethodUnavailable when the device refuses.
 */
export async function eraseMedium(
  work: MediumWork,
  signal?: AbortSignal,
  run: Run = runTool,
): Promise<ErasedMedium> {
  const { method = 'overwrite', deviceDir } = work;
  const mounted = blockDeviceAt(deviceDir);
  if (method === 'overwrite')
    return { way: method, serial: mounted?.serial, model: mounted?.model };
  await checkMedium(work, run);
  const device = namedDevice(work);
  const note = readNote(work);
  if (!note) throw refused(device, 'what was noted of it is gone');
  if (!note.done) {
    // Without a serial number nobody can tell whether it is still the same.
    if (!mounted && note.serial === undefined)
      throw refused(device, 'it is not mounted any more and has no serial number to be known by');
    if (mounted) await succeed(run, { tool: 'umount', args: [deviceDir] }, work, signal);
    const uses = otherUses(device);
    if (uses.length > 0) throw refused(device, `it is ${uses.join(', ')}`);
    await give(run, commandFor(method, device), work, signal);
    keepNote(work, { ...note, done: true });
  }
  const { way, tool, serial, model } = note;
  return { way, tool, serial, model };
}

/** What was done, as a certificate says it. */
export const describeErasing = ({ way, tool }: ErasedMedium): string =>
  `${ERASE_METHODS[way].done}${tool === undefined ? '' : `: ${tool}`}`;

function namedDevice({ method, blockDevice }: MediumWork): string {
  if (blockDevice !== undefined) return blockDevice;
  throw new WaybillError('Usage', {
    detail: `--method ${method} needs the block device by name: --block-device /dev/…`,
  });
}

/** The password is set and used within one command and means nothing afterwards. */
const ATA_PASSWORD = 'waybill';

/** What is run for a method on a block device. Throws EraseMethodUnavailable where there is no command for it. */
export function commandFor(
  method: Exclude<EraseMethod, 'overwrite'>,
  device: string,
  transport = transportOf(device),
): Command {
  // Without --force: it opens the device exclusively, and fails where anything has it open.
  if (method === 'discard') return { tool: 'blkdiscard', args: [device] };
  switch (transport) {
    case 'nvme':
      return {
        tool: 'nvme',
        // Block erase of all namespaces (NVM Express, Sanitize command, action 2).
        args: ['sanitize', device, '--sanact=2'],
        poll: { tool: 'nvme', args: ['sanitize-log', device] },
      };
    case 'ata':
      return {
        tool: 'hdparm',
        args: ['--user-master', 'u', '--security-erase', ATA_PASSWORD, device],
        first: {
          tool: 'hdparm',
          args: ['--user-master', 'u', '--security-set-pass', ATA_PASSWORD, device],
        },
      };
    case 'scsi':
      return { tool: 'sg_sanitize', args: ['--block', '--quick', '--wait', device] };
    case 'other':
      throw new WaybillError('EraseMethodUnavailable', {
        device,
        method,
        detail: 'it is neither an NVMe, ATA nor SCSI drive',
      });
  }
}

const toolText = ({ tool, args }: Command): string => `${tool} ${args.join(' ')}`;

async function give(
  run: Run,
  command: Command,
  work: MediumWork,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (command.first) await succeed(run, command.first, work, signal);
  await succeed(run, command, work, signal);
  while (command.poll && (await isRunning(run, command.poll, work, signal)))
    await wait(POLL_MS, undefined, { signal });
}

const POLL_MS = 5_000;

/** Sanitize Status of the log page: 1 and 4 it has ended well, 2 it runs, 3 it failed (NVM Express, Get Log Page 81h). */
async function isRunning(
  run: Run,
  poll: Command,
  work: MediumWork,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const text = await succeed(run, poll, work, signal);
  const status = Number(/SSTAT\)?\s*:\s*(0x[0-9a-f]+|\d+)/i.exec(text)?.[1] ?? Number.NaN) & 7;
  if (status === 2) return true;
  if (status === 1 || status === 4) return false;
  throw unavailable(work, 'the drive reports that its sanitize operation did not succeed');
}

async function succeed(
  run: Run,
  command: Command,
  work: MediumWork,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { status, output } = await run(command.tool, command.args, signal);
  if (status === 0) return output;
  const lastLine = output.trim().split('\n').at(-1)?.slice(0, 300);
  throw unavailable(
    work,
    `${command.tool} ended with ${status ?? 'no start'}: ${lastLine || 'no reason'}`,
  );
}

const unavailable = ({ method = 'overwrite', blockDevice = '' }: MediumWork, detail: string) =>
  new WaybillError('EraseMethodUnavailable', { device: blockDevice, method, detail });

const refused = (device: string, detail: string): WaybillError =>
  new WaybillError('EraseTargetRefused', { device, detail });

const runTool: Run = (tool, args, signal) =>
  new Promise((resolve) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', () => resolve({ status: null, output }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });

function keepNote({ stateDir }: MediumWork, note: Note): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  publish(join(stateDir, NOTE), `${JSON.stringify(note)}\n`, 0o600);
}

/** What an earlier run noted of the same block device and method. */
function readNote({ stateDir, method, blockDevice }: MediumWork): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(join(stateDir, NOTE), 'utf8')) as Note;
    return note.way === method && note.blockDevice === blockDevice ? note : undefined;
  } catch {
    return undefined;
  }
}
