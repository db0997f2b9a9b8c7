import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import { isWaybillError } from '../domain/errors.ts';
import { type DeviceLock, lockDevice } from '../volume/lock.ts';

/**
 * A process that locks a device when it is told to, for tests of several at once. Lines in: "lock DIR AT" (at a time in ms), "release",
 * "die". Lines out: "got", the code of the error, "released". With the argument `no-links` the file system has no hard links.
 */
if (process.argv.includes('no-links')) {
  fs.linkSync = () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
  };
  syncBuiltinESMExports();
}

let lock: DeviceLock | undefined;
const say = (text: string) => process.stdout.write(`${text}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, dir = '', at = '0'] = line.split(' ');
  if (command === 'die') process.kill(process.pid, 'SIGKILL');
  if (command === 'release') {
    lock?.release();
    lock = undefined;
    say('released');
  }
  if (command !== 'lock') continue;
  while (Date.now() < Number(at));
  try {
    lock = lockDevice(dir);
    say('got');
  } catch (error) {
    say(isWaybillError(error) ? error.code : String(error));
  }
}
