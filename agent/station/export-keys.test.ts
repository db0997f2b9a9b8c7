import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyOfPath } from '../../lib/domain/key-map.ts';
import { openStore } from '../../lib/stores/open.ts';
import { commandHost } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { actOn, device, facility } from '../../lib/testing/facility-world.ts';
import { contentUnder, ODD_KEYS } from '../../lib/testing/odd-keys.ts';
import { s3Servers } from '../../lib/testing/servers/s3-servers.ts';
import { putObject, remoteSpec } from '../../lib/testing/store-world.ts';
import { readLabel } from '../../lib/volume/label.ts';
import { exportTo } from './export.ts';
import { prepare } from './prepare.ts';

/** Every key that a store may have, from the order of an export to the site's directory. */

describe.each(s3Servers('Swift'))('an export of odd keys from $name', ({ running }) => {
  test('leaves nothing behind', async () => {
    const h = await commandHost();
    const at = await facility(h.world);
    const spec = await remoteSpec(running(), 's3');
    const store = openStore(spec);
    for (const key of ODD_KEYS) await putObject(store, key, [contentUnder(key)]);
    await store.close();
    const { endpoint, region, pathStyle, credentials } = spec.remote;
    const remote = { endpoint, region, pathStyle };
    await at.operator.call('addStore', {
      body: { id: 'swift', name: 'Swift', kind: 's3', remote, credentials, bucket: spec.bucket },
    });
    const { id: jobId } = await at.operator.call('createJob', {
      body: newJobBody({ type: 'export', storeId: 'swift', bucket: spec.bucket }),
    });
    const deviceDir = device(at, 'SB-1');
    await prepare(at.station, jobId, deviceDir);
    expect(readLabel(deviceDir).format).toBe('waybill-volume/2');
    const exported = await exportTo(at.station, jobId, deviceDir);
    expect(exported).toMatchObject({ objects: ODD_KEYS.length, failed: 0 });
    await actOn(at.operator, jobId, 'ship-to-site');
    await actOn(at.operator, jobId, 'deliver');
    const [manifest, code] = [join(h.dir, 'job.manifest'), join(h.dir, 'code')];
    await h.run('operator', 'job', 'manifest', jobId, '--output', manifest);
    await h.run('operator', 'job', 'unlock-code', jobId, '--output', code);
    const opened = ['--device', deviceDir, '--manifest', manifest, '--unlock-code-file', code];
    opened.push('--state', join(h.dir, 'state'), '--workers', '0', '--json');
    const verified = await h.run(null, 'verify', '--full', ...opened);
    expect(verified).toMatchObject({ exit: 0, last: { damaged: 0 } });
    const root = join(h.dir, 'restored');
    const restored = await h.run(null, 'restore', root, '--map', ...opened);
    expect(restored.last).toMatchObject({ objects: ODD_KEYS.length, failed: 0 });
    const { path } = restored.last.mapped as { path: string };
    const names = new Map(ODD_KEYS.map((key) => [key, key]));
    for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
      const name = JSON.parse(line) as { path: string };
      names.set(keyOfPath(Buffer.from(name.path)).toString(), name.path);
    }
    expect(names.size).toBe(ODD_KEYS.length);
    for (const [key, name] of names) {
      const file = join(root, name);
      if (name.endsWith('/')) expect(existsSync(file), key).toBe(true);
      else expect(readFileSync(file).equals(contentUnder(key)), key).toBe(true);
    }
  });
});
