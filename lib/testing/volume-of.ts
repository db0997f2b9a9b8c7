import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sealVolume } from '../transfer/verify/seal.ts';
import { encodeLines } from '../volume/catalog/seal-lines.ts';
import { openVolume } from '../volume/open-volume.ts';
import { type VolumeWorld, volumeWorld } from './volume-world.ts';

/** A sealed volume of the second format with these objects, whatever their keys are: latin1, a character a byte. */
export async function volumeOf(
  objects: ReadonlyMap<string, string>,
  mtimeNs = 0n,
): Promise<VolumeWorld> {
  const world = await volumeWorld('sealed', undefined, 'waybill-volume/2');
  const volume = openVolume(world);
  let last = 0;
  const writer = volume.writer(() => {
    last += 1;
    return last;
  });
  for (const [name, text] of objects) {
    const [key, content] = [Buffer.from(name, 'latin1'), Buffer.from(text)];
    const bytes = content.length;
    const entry = { key, mode: 0o644, mtimeNs, bytes, replaces: false, parts: [] };
    writer.begin({ ...entry, endPart: () => 0 });
    if (bytes > 0) writer.advance(content.copy(writer.space()));
    const sha256 = createHash('sha256').update(content).digest();
    writer.end(bytes, { sha256, crc32: crc32(content) });
  }
  writer.commit();
  const at = new Date().toISOString();
  const load = { format: 'waybill-load/1' as const, source: '', startedAt: at, finishedAt: at };
  volume.writeFacts(encodeLines([{ ...load, skipped: 0, failed: 0, agentVersion: 'test' }]));
  await sealVolume(world);
  return world;
}
