import type { Client } from '../../lib/api/client.ts';
import { markBucket } from '../../lib/stores/local/bucket-marker.ts';
import type { StoreSpec } from '../../lib/stores/store-spec.ts';

/**
 * The store that an import writes to, with what its bucket is known again by: a bucket in a directory is marked once, and the
 * console is told. Throws what `markBucket` throws, and what the console refuses.
 */
export async function markStore(
  client: Client,
  jobId: string,
  spec: StoreSpec,
): Promise<StoreSpec> {
  if (!('root' in spec) || spec.marker !== undefined) return spec;
  const found = markBucket(spec);
  if (found === undefined) return spec;
  const params = { jobId };
  const { marker } = await client.call('putStoreMarker', { params, body: { marker: found } });
  return { ...spec, marker };
}
