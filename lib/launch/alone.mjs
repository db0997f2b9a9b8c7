import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './root.mjs';

/** Who installs or builds in this checkout now: the id of the process. */
const CLAIM = `${ROOT}.installing`;
const WAIT_MS = 500;
const SETTLE_MS = 100;

/**
 * Two installs or builds at once spoil each other: the second command waits for the first.
 * @param {() => unknown} work
 */
export async function alone(work, file = CLAIM) {
  await claim(file);
  const release = () => rmSync(file, { force: true });
  // Work that fails ends the process; the claim must not outlive it.
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} file */
async function claim(file) {
  let told = false;
  for (;;) {
    if (create(file)) {
      // Two that found the same dead holder may each remove a claim: the last one has it.
      await pause(SETTLE_MS);
      if (readHolder(file) === process.pid) return;
    }
    const holder = readHolder(file);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told)
      console.error(`waiting for process ${holder} to install or build (else: rm ${file})`);
    told = true;
    await pause(WAIT_MS);
  }
}

/** @param {string} file */
function create(file) {
  try {
    writeFileSync(file, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} file */
function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);
