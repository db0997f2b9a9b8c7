import { EXIT, isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { unverifiedSigner } from '../../lib/keys/cms.ts';
import { headIn } from '../../lib/keys/custody/head.ts';
import type { ProofStatement } from '../../lib/keys/transfer-proof.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import { type TrustOptions, trustOf } from '../console/trust.ts';
import type { Context, Finished } from '../host/context.ts';
import { refuseExisting, writePrivate } from '../host/private-file.ts';
import { readGiven } from '../host/read-input-file.ts';
import { type StoreTargetOptions, storeWithObjects } from '../host/store-target.ts';
import { pairs, plain } from '../output/table.ts';
import { checkProof } from '../proof/check-proof.ts';
import { type Comparison, compareWithStore } from '../proof/compare-store.ts';
import type { FileOptions } from './job-credentials.ts';

/** Downloads the proof of a job's transfer. */
export async function downloadProof(
  jobId: string,
  options: FileOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const path = options.output ?? `${jobId}-proof.tar`;
  const replace = options.force ?? false;
  refuseExisting(path, replace);
  const response = await client.call('getTransferProof', { params: { jobId } });
  await writePrivate(path, partsOf(response), { replace });
  output.result({ facts: { jobId, file: path }, lines: [`proof of transfer: ${path}`] });
  return EXIT.done;
}

async function* partsOf(response: Response): AsyncGenerator<Uint8Array> {
  for await (const part of response.body ?? []) yield part as Uint8Array;
}

export interface VerifyProofOptions extends ConsoleOptions, TrustOptions, StoreTargetOptions {
  /** Directory of a bucket, or s3://BUCKET: compares every object with what is there now. */
  store?: string;
  /** Reads every object, also where the store can say its checksum. */
  read?: boolean;
}

/** Checks a proof without the console, and with a store when one is given; exit code 1 when anything differs. */
export async function verifyProof(
  file: string,
  options: VerifyProofOptions,
  { output, signal }: Context,
): Promise<Finished> {
  const trust = await trustOf(options);
  const { proof, signer, problems } = await checkProof(file, trust).catch((error: unknown) => {
    if (isWaybillError(error, 'TarInvalid') && isOneDocument(file))
      throw new WaybillError('Usage', {
        detail: `${file} is one signed document; a certificate of erasure is checked with: waybill device verify-certificate ${file}`,
      });
    throw error;
  });
  const target = options.store === undefined ? undefined : storeWithObjects(options.store, options);
  const compared =
    target &&
    (await compareWithStore(file, proof, {
      spec: target.spec,
      prefix: target.prefix,
      readAll: options.read ?? false,
      signal,
      onProblem: ({ key, problem }) =>
        output.item({ facts: { key, problem }, lines: [`${problem}: ${plain(key)}`] }),
    }));
  const isInStore = !compared || compared.missing + compared.differing === 0;
  const whole = problems.length === 0;
  output.result({
    facts: { whole, problems, proof, signedBy: signer, store: compared ?? null },
    lines: [
      whole ? 'the proof holds' : 'the proof does not hold',
      ...problems.map((problem) => `  ${plain(problem)}`),
      ...pairs([
        ['signed by', `${signer.name}, SHA-256 ${signer.fingerprint}`],
        ...rowsOf(proof),
        ['store', compared && comparisonText(compared)],
      ]),
    ],
  });
  return whole && isInStore ? EXIT.done : EXIT.problems;
}

/** Whether a file holds one document of CMS, DER or text, as certificates of erasure do. */
function isOneDocument(file: string): boolean {
  try {
    unverifiedSigner(headIn(readGiven(file)));
    return true;
  } catch {
    return false;
  }
}

function rowsOf({ job, report, source, shipments, custody }: ProofStatement): [string, string][] {
  return [
    ['job', `${job.id} (${job.name}), ${job.option}, ${job.type}`],
    ['outcome', `${report.outcome}, ${report.finishedAt}`],
    ['objects', `${report.objects}, ${report.bytes} bytes; failed ${report.failed}`],
    ['destination', report.destination],
    ['seal', source?.sealDigest ?? 'none known'],
    ['shipments', String(shipments.length)],
    ['custody', `${custody.entries} entries, head of entry ${custody.head.seq}`],
  ];
}

const comparisonText = ({ compared, read, archived, missing, differing }: Comparison): string =>
  `${compared} objects compared (${read} read whole, ${archived} inside the archive), ${missing} missing, ${differing} differ`;
