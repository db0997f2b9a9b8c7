import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../files/errno.ts';

declare const __WAYBILL_FUNCTION_RUNNER__: string | undefined;

const runnerSource = (): string =>
  typeof __WAYBILL_FUNCTION_RUNNER__ === 'string'
    ? __WAYBILL_FUNCTION_RUNNER__
    : readFileSync(new URL('./function-runner.mjs', import.meta.url), 'utf8');

/** Handlers written for Lambda import the AWS SDK; here it is the small client that the runner has. */
const SDK = `const { S3Client, GetObjectCommand, PutObjectCommand } = globalThis[Symbol.for('waybill.s3')];
export { S3Client, S3Client as S3, GetObjectCommand, PutObjectCommand };
`;

const FOLDER = /^waybill-function-(\d+)-/;
/** A process of another container may have the same temporary directory, and a number that is not known here. */
const ABANDONED_MS = 24 * 3600 * 1000;
let haveLooked = false;

/** Makes a folder with a function's code, which is all that its process may read. Returns its path. */
export function makeFunctionFolder(code: string): string {
  if (!haveLooked) removeAbandoned();
  haveLooked = true;
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `waybill-function-${process.pid}-`)));
  writeFileSync(join(dir, 'runner.mjs'), runnerSource(), { mode: 0o600 });
  writeFileSync(join(dir, 'handler.mjs'), code, { mode: 0o600 });
  const sdk = join(dir, 'node_modules/@aws-sdk/client-s3');
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(sdk, 'index.mjs'), SDK);
  const about = { name: '@aws-sdk/client-s3', type: 'module', exports: './index.mjs' };
  writeFileSync(join(sdk, 'package.json'), JSON.stringify(about));
  return dir;
}

/** Folders of processes that were killed before they could remove them. */
export function removeAbandoned(now = Date.now()): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(FOLDER.exec(name)?.[1]);
    if (!pid || isRunning(pid)) continue;
    const dir = join(tmpdir(), name);
    try {
      if (now - statSync(dir).mtimeMs > ABANDONED_MS) rmSync(dir, { recursive: true });
    } catch {
      // Another user's, or somebody else has just removed it.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
