import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import { WaybillError } from '../../lib/domain/errors.ts';
import { parsePrintableKey, printableKey } from '../../lib/domain/report.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import type { OverwritePolicy } from '../../lib/domain/words.ts';
import { writeAll } from '../../lib/files/file-access.ts';
import {
  type RestoreObjectOptions,
  restoreObject,
} from '../../lib/transfer/unload/restore-object.ts';
import type { ObjectRecord } from '../../lib/volume/catalog/records.ts';
import { requireSealKept } from '../console/known-states.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateDir,
} from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';
import { checkedLabel, withDevice } from '../host/device.ts';

export interface RestoreOneOptions extends DeviceCommandOptions {
  /** As reports and `ls` print it. */
  key: string;
  /** File to write to; `-` is standard output. */
  output: string;
  overwrite?: OverwritePolicy;
}

/** Writes one object of a device to a file, or to standard output. */
export async function restoreOne(options: RestoreOneOptions, context: Context): Promise<Finished> {
  const key = parsePrintableKey(options.key);
  if (!key) throw usage('--key: a % of a key is written %25');
  const credentials = await openCredentials(options);
  const { payload, secrets } = credentials;
  const { output: path, overwrite = 'never' } = options;
  return withDevice(
    options.device,
    { takeOverLock: options.takeOverLock, readOnly: true },
    async (): Promise<Finished> => {
      const dir = stateDir(payload.jobId, options.state);
      await requireSealKept(options.device, credentials, dir, context);
      const object = {
        deviceDir: options.device,
        label: checkedLabel(options.device, payload),
        jobKey: secrets.jobKey,
        caPem: payload.caCertificatePem,
        sizeBytes: payload.sizeBytes,
        key,
      };
      const record = await (path === '-' ? toStdout(object) : toFile(object, path, overwrite));
      const shown = printableKey(record.key);
      const { bytes } = record;
      const line = `restored ${shown} (${formatBytes(bytes)}) to ${path}`;
      // Standard output is the object's.
      if (path === '-') context.output.note(line);
      else {
        const sha256 = record.sha256.toString('hex');
        context.output.result({ facts: { key: shown, bytes, sha256, path }, lines: [line] });
      }
      return 0;
    },
  );
}

const usage = (detail: string): WaybillError => new WaybillError('Usage', { detail });

type OneObject = Omit<RestoreObjectOptions, 'proveFirst' | 'onChunk' | 'onRecord'>;

const toStdout = (object: OneObject): Promise<ObjectRecord> =>
  restoreObject({
    ...object,
    proveFirst: true,
    onRecord: refuseDirectory,
    onChunk: (chunk) =>
      new Promise((done, failed) => {
        // The chunk is valid until the stream has taken it.
        process.stdout.write(chunk, (error) =>
          error ? failed(usage('standard output cannot be written')) : done(),
        );
      }),
  });

/** Nothing has the file's name before its bytes are proved. */
async function toFile(
  object: OneObject,
  path: string,
  overwrite: OverwritePolicy,
): Promise<ObjectRecord> {
  const refuseExisting = () => {
    if (overwrite === 'never' && existsSync(path))
      throw usage(`${path} exists; --overwrite replaces it`);
  };
  refuseExisting();
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openForWriting(temporary, path);
  try {
    const record = await restoreObject({
      ...object,
      proveFirst: false,
      onRecord: refuseDirectory,
      onChunk: (chunk) => writeAll(fd, chunk),
    });
    fchmodSync(fd, (record.mode & 0o777) | 0o600);
    fsyncSync(fd);
    setTime(temporary, record.mtimeNs);
    refuseExisting();
    renameSync(temporary, path);
    return record;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function openForWriting(temporary: string, path: string): number {
  try {
    return openSync(temporary, 'wx', 0o600);
  } catch (error) {
    throw new WaybillError('Usage', { detail: `${path} cannot be written` }, { cause: error });
  }
}

/** What the file system cannot hold is left as it is: the bytes are what was asked for. */
function setTime(path: string, mtimeNs: bigint): void {
  const seconds = Number(mtimeNs / 1000n) / 1e6;
  if (Math.abs(seconds) < 2 ** 40) utimesSync(path, seconds, seconds);
}

function refuseDirectory({ kind }: ObjectRecord): void {
  if (kind === 'directory') throw usage('it is an empty directory, and has no bytes');
}
