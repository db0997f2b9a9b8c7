import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import {
  freePort,
  type LoopbackServer,
  startProgram,
  stopProgram,
  waitUntilAnswers,
} from './loopback-server.ts';

const KINDS = ['account', 'container', 'object'] as const;
const PYTHON = '/usr/bin/python3';

/** Why Swift cannot be started here; undefined when it can. */
export function swiftMissing(): string | undefined {
  const programs = ['proxy', ...KINDS].map((kind) => `/usr/bin/swift-${kind}-server`);
  return programs.every((path) => existsSync(path))
    ? undefined
    : 'OpenStack Swift is not installed: apt-get install -y --no-install-recommends swift-proxy swift-account swift-container swift-object';
}

/**
 * Starts one node of OpenStack Swift with its S3 API on loopback, its data in `dir`. It checks signatures, and
 * the SHA-256 that they carry, but knows neither the newer checksums nor conditional puts.
 */
export async function startSwift(dir: string): Promise<LoopbackServer> {
  const etc = join(dir, 'etc');
  const ports = new Map<string, number>();
  for (const kind of [...KINDS, 'proxy']) ports.set(kind, await freePort());
  for (const path of [etc, join(dir, 'srv/d1')]) mkdirSync(path, { recursive: true });
  const port = ports.get('proxy') ?? 0;
  const common = [`user = ${userInfo().username}`, `swift_dir = ${etc}`, 'bind_ip = 127.0.0.1'];
  const constraints = '[swift-constraints]\nmax_file_size = 5368709122\n';
  const policy = '[storage-policy:0]\nname = gold\ndefault = yes\n';
  writeFileSync(
    join(etc, 'swift.conf'),
    `[swift-hash]\nswift_hash_path_prefix = waybill\n${policy}${constraints}`,
  );
  for (const kind of KINDS) {
    const at = ports.get(kind) ?? 0;
    const own = [`bind_port = ${at}`, `devices = ${join(dir, 'srv')}`, 'mount_check = false'];
    const rest = ['workers = 1', `log_name = ${kind}`, 'disable_fallocate = true'];
    const pipeline = [`[pipeline:main]`, `pipeline = ${kind}-server`, `[app:${kind}-server]`];
    writeFileSync(
      join(etc, `${kind}-server.conf`),
      ['[DEFAULT]', ...common, ...own, ...rest, ...pipeline, `use = egg:swift#${kind}`, ''].join(
        '\n',
      ),
    );
  }
  writeFileSync(
    join(etc, 'proxy-server.conf'),
    ['[DEFAULT]', ...common, `bind_port = ${port}`, 'workers = 1', PROXY].join('\n'),
  );
  buildRings(etc, ports);
  const children = [...KINDS, 'proxy'].map((kind) => {
    const program = `/usr/bin/swift-${kind}-server`;
    return startProgram(dir, kind, [PYTHON, program, join(etc, `${kind}-server.conf`)]);
  });
  const stop = async () => {
    await Promise.all(children.map(stopProgram));
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const proxy = children.at(-1);
  try {
    if (proxy) await waitUntilAnswers(`${endpoint}/healthcheck`, proxy);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint,
    region: 'us-east-1',
    stop,
    credentials: { accessKeyId: 'test:tester', secretAccessKey: 'testing' },
  };
}

/** Makes the rings, of one device each, as swift-ring-builder does, in one process. */
const RINGS = `
import sys
from swift.common.ring import RingBuilder
for arg in sys.argv[2:]:
    kind, port = arg.split(":")
    builder = RingBuilder(4, 1, 1)
    place = {"ip": "127.0.0.1", "port": int(port)}
    builder.add_dev({**place, "region": 1, "zone": 1, "device": "d1", "weight": 1, "meta": "",
                     "replication_ip": place["ip"], "replication_port": place["port"]})
    builder.rebalance()
    builder.get_ring().save(sys.argv[1] + "/" + kind + ".ring.gz")
`;

function buildRings(etc: string, ports: Map<string, number>): void {
  const rings = KINDS.map((kind) => `${kind}:${ports.get(kind)}`);
  const { status, stderr } = spawnSync(PYTHON, ['-c', RINGS, etc, ...rings], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the rings of Swift: ${stderr}`);
}

const FILTERS = [
  ...['catch_errors', 'gatekeeper', 'healthcheck', 'memcache', 'listing_formats', 'bulk'],
  ...['s3api', 'tempauth', 'copy', 'slo', 'dlo', 'versioned_writes', 'symlink'],
];

const SETTINGS: Record<string, string[]> = {
  // Nobody listens there: every worker asks the disks.
  memcache: ['memcache_servers = 127.0.0.1:1'],
  s3api: [
    ...['location = us-east-1', 's3_acl = false', 'allow_multipart_uploads = true'],
    ...['min_segment_size = 5242880', 'dns_compliant_bucket_names = true'],
  ],
  tempauth: ['user_test_tester = testing .admin'],
  versioned_writes: ['allow_object_versioning = true'],
};

const PROXY = [
  '[pipeline:main]',
  `pipeline = ${FILTERS.join(' ')} proxy-server`,
  '[app:proxy-server]',
  'use = egg:swift#proxy',
  'account_autocreate = true',
  'allow_account_management = true',
  ...FILTERS.flatMap((name) => [
    `[filter:${name}]`,
    `use = egg:swift#${name}`,
    ...(SETTINGS[name] ?? []),
  ]),
  '',
].join('\n');
