import { invariant } from './invariant.ts';

/** Ids of disk jobs in the Import/Export API: five letters and digits, without the letter O and the digit 0. */
const LETTERS = 'ABCDEFGHIJKLMNPQRSTUVWXYZ123456789';
const LENGTH = 5;
const COUNT = LETTERS.length ** LENGTH;
/** Coprime to COUNT (34 = 2 × 17): neighbouring jobs get ids that look nothing alike, and no two the same. */
const STEP = 27_644_437;
const OFFSET = 17_171_717;
/** STEP × INVERSE = 1 modulo COUNT. */
const INVERSE = inverseOf(STEP, COUNT);

function inverseOf(a: number, modulus: number): number {
  let [r, nextR, t, nextT] = [modulus, a % modulus, 0, 1];
  while (nextR !== 0) {
    const quotient = Math.floor(r / nextR);
    [r, nextR] = [nextR, r - quotient * nextR];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return t < 0 ? t + modulus : t;
}

/** a × b modulo COUNT; both are below 2²⁶, so their product needs more than a number holds exactly. */
const times = (a: number, b: number): number => Number((BigInt(a) * BigInt(b)) % BigInt(COUNT));

/** The id of the job with a number (its place in the order of creation, from 1). */
export function diskCode(seq: number): string {
  invariant(seq >= 0 && seq < COUNT, 'a disk job has a number that five letters can name');
  let rest = (times(seq, STEP) + OFFSET) % COUNT;
  let code = '';
  for (let i = 0; i < LENGTH; i += 1) {
    code += LETTERS[rest % LETTERS.length];
    rest = Math.floor(rest / LETTERS.length);
  }
  return code;
}

/** The number of the job with an id, in capitals or small letters; undefined when it is no id. */
export function diskSeq(code: string): number | undefined {
  const places = Array.from(code.toUpperCase(), (letter) => LETTERS.indexOf(letter));
  if (places.length !== LENGTH || places.includes(-1)) return undefined;
  const value = places.reduceRight((sum, place) => sum * LETTERS.length + place, 0);
  return times((value - OFFSET + COUNT) % COUNT, INVERSE);
}
