import type { Client } from '../../lib/api/client.ts';
import { EXIT, WaybillError } from '../../lib/domain/errors.ts';
import { headIn } from '../../lib/keys/custody/head.ts';
import {
  type ErasureCertificate,
  readErasureCertificate,
} from '../../lib/keys/erasure-certificate.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import { type TrustOptions, trustOf } from '../console/trust.ts';
import type { Context, Finished } from '../host/context.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { readGiven } from '../host/read-input-file.ts';
import { pairs } from '../output/table.ts';
import type { FileOptions } from './job-credentials.ts';

/** Downloads the certificate of an erasure: of a job, or the last one of a device. A file named .pdf gets the PDF. */
export async function downloadCertificate(
  deviceOrJob: string,
  options: FileOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const jobId = deviceOrJob.startsWith('JID') ? deviceOrJob : await lastJobOf(client, deviceOrJob);
  const path = options.output ?? `${jobId}-erasure.cms`;
  const replace = options.force ?? false;
  refuseExisting(path, replace);
  const route = path.toLowerCase().endsWith('.pdf') ? 'getErasurePaper' : 'getErasureCertificate';
  const response = await client.call(route, { params: { jobId } });
  await writePrivate(path, new Uint8Array(await response.arrayBuffer()), { replace });
  output.result({ facts: { jobId, file: path }, lines: [`certificate of erasure: ${path}`] });
  return EXIT.done;
}

async function lastJobOf(client: Client, deviceId: string): Promise<string> {
  const { erasures } = await client.call('listErasures', { params: { deviceId } });
  const [last] = erasures;
  if (last) return last.jobId;
  throw new WaybillError('NotFound', { what: 'erasure of device', id: deviceId });
}

/** Checks a certificate without the console. Throws SignatureInvalid. */
export async function verifyCertificate(
  file: string,
  options: ConsoleOptions & TrustOptions,
  { output }: Context,
): Promise<Finished> {
  const der = headIn(readGiven(file));
  const { certificate, signer } = readErasureCertificate(der, { trust: await trustOf(options) });
  output.result({
    facts: { certificate, signedBy: signer },
    lines: pairs([
      ['signed by', `${signer.name}, SHA-256 ${signer.fingerprint}`],
      ...certificateRows(certificate),
    ]),
  });
  return EXIT.done;
}

function certificateRows(certificate: ErasureCertificate): [string, string][] {
  const { device, job, held, verified, erased, method, by, keyDestroyed } = certificate;
  return [
    ['device', `${device.id}${device.simulated ? ' (simulated)' : ''}`],
    ['serial', device.serial ?? 'not known'],
    ['job', `${job.id} (${job.name})`],
    ['held', held ? `${held.objects} objects, ${held.bytes} bytes` : 'not known'],
    ['seal', held?.sealDigest ?? 'not known'],
    ['verified', verified === null ? 'not recorded' : verified ? 'yes' : 'NOT VERIFIED'],
    ['erased', `${erased.at} by ${by.name}`],
    ['method', `${method.standard}, ${method.technique}: ${method.done}`],
    ['limits', method.limits],
    ['key', keyDestroyed ? `destroyed ${keyDestroyed.at}` : 'not destroyed'],
  ];
}
