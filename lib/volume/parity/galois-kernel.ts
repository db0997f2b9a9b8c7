/**
 * The inner loop of the parity code: `target ^= factor · source` over GF(2^8), sixteen bytes at a time. A product
 * with a constant is two table look-ups, one for each half of the byte (Plank, Greenan, Miller: "Screaming Fast
 * Galois Field Arithmetic Using Intel SIMD Instructions", FAST 2013); `i8x16.swizzle` does sixteen of them.
 * The module is assembled here, so that what runs can be read and nothing has to be compiled or loaded.
 */

const local = { target: 0, source: 1, end: 2, table: 3, low: 4, high: 5, bytes: 6 } as const;
const get = (name: keyof typeof local) => [0x20, local[name]];
const set = (name: keyof typeof local) => [0x21, local[name]];
const tee = (name: keyof typeof local) => [0x22, local[name]];
const i32 = { const: (n: number) => [0x41, n], add: [0x6a], geU: [0x4f] };
const v128 = {
  load: (offset: number) => [0xfd, 0x00, 4, offset],
  store: [0xfd, 0x0b, 4, 0],
  splat: (byte: number) => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)],
  and: [0xfd, 0x4e],
  xor: [0xfd, 0x51],
};
const i8x16 = { swizzle: [0xfd, 0x0e], shrU: [0xfd, 0x6d] };
const advance = (name: 'target' | 'source') => [
  ...get(name),
  ...i32.const(16),
  ...i32.add,
  ...set(name),
];

const body = [
  ...[...get('table'), ...v128.load(0), ...set('low')],
  ...[...get('table'), ...v128.load(16), ...set('high')],
  // block, loop, until target reaches end
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...get('target'), ...get('end'), ...i32.geU, 0x0d, 1],
  ...get('target'),
  ...[...get('target'), ...v128.load(0)],
  ...[...get('low'), ...get('source'), ...v128.load(0), ...tee('bytes')],
  ...[...v128.splat(0x0f), ...v128.and, ...i8x16.swizzle],
  ...[...get('high'), ...get('bytes'), ...i32.const(4), ...i8x16.shrU, ...i8x16.swizzle],
  ...[...v128.xor, ...v128.xor, ...v128.store],
  ...[...advance('target'), ...advance('source')],
  // next round, end of loop, block and function
  ...[0x0c, 0, 0x0b, 0x0b, 0x0b],
];

const I32 = 0x7f;
const V128 = 0x7b;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
const name = (text: string) => [text.length, ...Buffer.from(text, 'latin1')];
const code = [1, 3, V128, ...body];

const MODULE = Buffer.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // one type: four i32, no result; memory imported; one function of that type, exported
  ...section(1, [1, 0x60, 4, I32, I32, I32, I32, 0]),
  ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('f'), 0, 0]),
  ...section(10, [1, ...unsigned(code.length), ...code]),
]);

type MultiplyAdd = (target: number, source: number, end: number, table: number) => void;

// Compiled once a thread: a module made anew would begin unoptimised each time.
let compiled: WebAssembly.Module | undefined;

/**
 * `target ^= factor · source` on a memory of its own. All are byte offsets into it, multiples of 16; `end` is where
 * the target ends; `table` names 32 bytes: the products of the factor with 0 … 15 and with 0, 16 … 240.
 */
export function galoisKernel(memory: WebAssembly.Memory): MultiplyAdd {
  compiled ??= new WebAssembly.Module(MODULE);
  const instance = new WebAssembly.Instance(compiled, { m: { m: memory } });
  return instance.exports.f as MultiplyAdd;
}
