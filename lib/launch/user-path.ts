import { resolve } from 'node:path';

/** A path as the person meant it: npm runs scripts in the checkout, wherever it was called. */
export const userPath = (path: string): string =>
  resolve(process.env.INIT_CWD ?? process.cwd(), path);
