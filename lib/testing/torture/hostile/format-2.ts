import type { CatalogRecord, Extent } from '../../../volume/catalog/records.ts';
import type { HostileCase } from './catalogs.ts';
import { type ForgedPage, forge, GOOD, object, wholeSegment } from './forge.ts';

/** What only a volume of the second format can say, and lie about. */

const format = 'waybill-volume/2';
const good = wholeSegment(1, 'good');
const here: Extent = { segment: 2, offset: 0, length: GOOD.length };
/** Where the first record of a page begins. */
const RECORD = 64;

const made = (
  name: string,
  page: Partial<ForgedPage>,
  outcome: HostileCase['outcome'],
): HostileCase => ({
  name: `format 2: ${name}`,
  format,
  make: (world) => forge(world, { pages: [good, { ...wholeSegment(2, 'evil'), ...page }] }),
  outcome,
});

const record = (
  name: string,
  record: CatalogRecord,
  outcome: HostileCase['outcome'],
): HostileCase => made(name, { records: [record] }, outcome);

/** A key that is legal in the format is that object's trouble, not its page's. */
const keyCase = (key: string | Buffer): HostileCase =>
  record(`the key ${JSON.stringify(key.toString().slice(0, 40))}`, object(key, GOOD, [here]), {
    failed: 1,
  });

const patched = (
  name: string,
  patch: (page: Buffer) => void,
  outcome: HostileCase['outcome'] = { failed: 1 },
): HostileCase =>
  made(
    name,
    {
      patch: (page) => {
        patch(page);
        return page;
      },
    },
    outcome,
  );

const zeros = (length: number): Extent => ({ segment: 0, offset: 0, length });

export const HOSTILE_FORMAT_2: HostileCase[] = [
  ...['../escape', '/absolute', 'a//b', 'a/../../b', './a', '..', '/', 'a/..'].map(keyCase),
  ...['nul\0byte', 'dir/', '.waybill-tmp/x', 'good/below', '/'.repeat(4096)].map(keyCase),
  keyCase(Buffer.from([0xff, 0x2f, 0x00])),
  record('a kind of its own', object('evil', GOOD, [here], { kind: 'other' }), { failed: 1 }),
  record('a hole', object('evil', Buffer.alloc(3_000_000), [zeros(3_000_000)]), 'lands'),
  record('a hole of other bytes', object('evil', Buffer.alloc(3_000_000, 1), [zeros(3_000_000)]), {
    failed: 1,
  }),
  record(
    'a hole that is larger than the device',
    object('evil', GOOD, [here, zeros(2 ** 52)], { bytes: GOOD.length + 2 ** 52 }),
    'refused',
  ),
  record(
    'a hole beside the bytes of another size',
    object('evil', GOOD, [here, zeros(1)]),
    'refused',
  ),
  patched('a hole with an offset', (page) => {
    page.writeUInt32BE(0, RECORD + 72 + 4);
    page.writeUInt32BE(1, RECORD + 72 + 12);
  }),
  patched('no kind', (page) => page.writeUInt8(0, RECORD)),
  patched('metadata of 4 GiB', (page) => page.writeUInt32BE(0xffffffff, RECORD + 64)),
  patched('a second of nanoseconds', (page) => page.writeUInt32BE(1_000_000_000, RECORD + 68)),
  patched('the last second', (p) => p.writeBigInt64BE(2n ** 63n - 1n, RECORD + 16), 'lands'),
  patched('the first second', (p) => p.writeBigInt64BE(-(2n ** 63n), RECORD + 16), 'lands'),
  patched('the name of the first format', (page) => page.write('WBPAGE01', 0)),
];
