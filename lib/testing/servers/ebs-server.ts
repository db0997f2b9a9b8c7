import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { RemotePlace } from '../../stores/store-spec.ts';
import { listening } from '../listening.ts';

/** A snapshot of the server. */
export interface TestSnapshot {
  request: Record<string, unknown>;
  blocks: Map<number, Buffer>;
  /** Requests that put a block. */
  puts: number;
  completed: boolean;
}

const BLOCK_BYTES = 524_288;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/**
 * The direct APIs of EBS on loopback, as far as snapshots are written: it holds blocks against their checksums, the
 * count and the checksum over all of them against what it got (Amazon EBS User Guide, "Use checksums with the EBS
 * direct APIs"). `refuses` answers a request with an error instead.
 */
export async function ebsServer(
  refuses: (request: IncomingMessage) => { status: number; name: string } | undefined = () =>
    undefined,
): Promise<{ place: RemotePlace; snapshots: Map<string, TestSnapshot> }> {
  const snapshots = new Map<string, TestSnapshot>();
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const answer = refuses(request) ?? answerOf(snapshots, request, sent);
    const isError = 'status' in answer;
    response.writeHead(isError ? Number(answer.status) : 200, {
      'content-type': 'application/json',
      ...(isError ? { 'x-amzn-errortype': String(answer.name) } : {}),
    });
    response.end(JSON.stringify(isError ? { message: answer.name } : answer));
  });
  const endpoint = await listening(server);
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
  return { place: { endpoint, region: 'us-east-1', pathStyle: true, credentials }, snapshots };
}

const invalid = (name = 'ValidationException', status = 400) => ({ status, name });

function answerOf(
  snapshots: Map<string, TestSnapshot>,
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
): Record<string, unknown> {
  const scope = /Credential=AKIATEST\/\d+\/us-east-1\/ebs\/aws4_request/;
  if (!scope.test(headers.authorization ?? '')) return invalid('AccessDeniedException', 403);
  if (method === 'POST' && url === '/snapshots') {
    const SnapshotId = `snap-${String(snapshots.size + 1).padStart(17, '0')}`;
    const request = JSON.parse(body.toString());
    snapshots.set(SnapshotId, { request, blocks: new Map(), puts: 0, completed: false });
    return { SnapshotId, Status: 'pending', BlockSize: BLOCK_BYTES };
  }
  const [, id = '', index] =
    /^\/snapshots\/(?:completion\/)?(snap-\w+)(?:\/blocks(?:\/(\d+))?)?/.exec(url) ?? [];
  const snapshot = snapshots.get(id);
  if (!snapshot) return invalid('ResourceNotFoundException', 404);
  const header = (name: string) => String(headers[`x-amz-${name}`] ?? '');
  if (index !== undefined) {
    snapshot.puts += 1;
    const isWhole = body.length === BLOCK_BYTES && header('data-length') === String(BLOCK_BYTES);
    if (!isWhole || header('checksum') !== sha256(body).toString('base64')) return invalid();
    snapshot.blocks.set(Number(index), body);
    return {};
  }
  const digests = [...snapshot.blocks].sort(([a], [b]) => a - b).map(([, block]) => sha256(block));
  const isAll =
    header('changedblockscount') === String(snapshot.blocks.size) &&
    header('checksum-aggregation-method') === 'LINEAR' &&
    header('checksum') === sha256(Buffer.concat(digests)).toString('base64');
  if (!isAll) return invalid();
  snapshot.completed = true;
  return { Status: 'completed' };
}
