import { WaybillError } from '../../lib/domain/errors.ts';
import { repairVolume } from '../../lib/transfer/verify/repair.ts';
import { remarkLines } from '../../lib/transfer/verify/sealed-pages.ts';
import { type VerifyResult, verifyVolume } from '../../lib/transfer/verify/verify.ts';
import { isSealed } from '../../lib/volume/label.ts';
import { knownStates } from '../console/known-states.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateDir,
} from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';
import { checkedLabel, withDevice } from '../host/device.ts';
import { amount } from '../output/output.ts';

export interface VerifyCommandOptions extends DeviceCommandOptions {
  full?: boolean;
  dropDamaged?: boolean;
  repair?: boolean;
}

/** Reads a volume back and says what is damaged. */
export async function verify(options: VerifyCommandOptions, context: Context): Promise<Finished> {
  const credentials = await openCredentials(options);
  const { payload, secrets } = credentials;
  const readOnly = !options.repair && !options.dropDamaged;
  const { takeOverLock } = options;
  return withDevice(options.device, { takeOverLock, readOnly }, async () => {
    const dir = stateDir(payload.jobId, options.state);
    const volume = {
      deviceDir: options.device,
      label: checkedLabel(options.device, payload),
      jobKey: secrets.jobKey,
      caPem: payload.caCertificatePem,
      knownStates: await knownStates(credentials, dir, context),
      workers: options.workers,
      signal: context.signal,
      onEvent: context.output.event,
    };
    if (options.repair) {
      const { repaired, lost, verified } = await repairVolume(volume);
      const done = [
        ...repaired.map((path) => `restored: ${path}`),
        ...lost.map((path) => `too much is lost of: ${path}`),
      ];
      report(verified, { facts: { repaired, lost }, lines: done }, context);
      return verified.intact && lost.length === 0 ? 0 : 1;
    }
    if (options.dropDamaged && isSealed(options.device)) throw new WaybillError('VolumeSealed');
    const { full, dropDamaged } = options;
    const result = await verifyVolume({ ...volume, full, dropDamaged });
    report(result, { facts: {}, lines: [] }, context);
    return result.intact ? 0 : 1;
  });
}

function report(
  result: VerifyResult,
  before: { facts: Record<string, unknown>; lines: string[] },
  { output }: Context,
): void {
  const { objects, bytes, uncached, remarks } = result;
  const from = uncached ? 'from the medium' : '(from memory where it was there)';
  output.result({
    facts: { ...result, ...before.facts },
    lines: [
      ...before.lines,
      ...remarkLines(remarks).map((line) => `costs nothing: ${line}`),
      ...recoveryLines(result),
      sealLine(result),
      `read ${amount(objects, bytes)} back ${from}: ${verdict(result)}`,
    ],
  });
}

function verdict({ intact, damaged, problems, objectsLost }: VerifyResult): string {
  if (intact) return 'all of it is intact';
  const hit = problems.filter(({ key }) => key !== '').length;
  const others = problems.find(({ code }) => !['PageDamaged', 'FrameDamaged'].includes(code));
  const segments = damaged > 0 ? [`${damaged} segments are damaged, ${hit} objects hit`] : [];
  if (objectsLost > 0)
    segments.push(
      `${objectsLost} objects of the seal are on pages that are lost, and have no name`,
    );
  return ['not intact', ...segments, ...(others ? [others.message] : [])].join('; ');
}

/** What is said of the seal; a problem with it is told as one. */
function sealLine({ sealState, sealDigest, sealKnownBy, sealIsNewer }: VerifyResult): string {
  if (sealState === 'not-sealed') return 'seal: not sealed yet';
  if (sealState !== 'sealed' || sealDigest === null) return `seal: ${sealState}`;
  if (sealIsNewer) return `seal: ${sealDigest}, later than the one that is known`;
  const known =
    sealKnownBy.length > 0 ? `known by ${sealKnownBy.join(' and ')}` : 'known by nobody here';
  return `seal: ${sealDigest}, ${known}`;
}

function recoveryLines({ recovery }: VerifyResult): string[] {
  if (!recovery) return [];
  const { sets, damaged, unprotected, isCompared } = recovery;
  const rows = isCompared
    ? 'read, and compared with the volume'
    : 'read (compared with the volume: --full)';
  return [
    `recovery data: ${sets} sets, ${damaged.length} files damaged, ${unprotected} of the volume in no set; all rows of it ${rows}`,
  ];
}
