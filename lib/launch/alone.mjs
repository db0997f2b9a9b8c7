import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './root.mjs';

/** Who installs or builds in this checkout now: the id of the process. */
const CLAIM = `${ROOT}.installing`;
const WAIT_MS = 500;
const SETTLE_MS = 100;

/** Two installs or builds at once spoil each other: the second command waits for the first. */
export async function alone(work) {
  await claim();
  // Work that fails ends the process; the claim must not outlive it.
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

const release = () => rmSync(CLAIM, { force: true });

async function claim() {
  let told = false;
  for (;;) {
    if (create()) {
      // Two that found the same dead holder may each remove a claim: the last one has it.
      await pause(SETTLE_MS);
      if (readHolder() === process.pid) return;
    }
    const holder = readHolder();
    if (holder !== undefined && !isAlive(holder)) {
      release();
      continue;
    }
    if (!told && holder !== undefined) {
      console.error(
        `waiting for process ${holder} to install or build (if it does not: rm ${CLAIM})`,
      );
      told = true;
    }
    await pause(WAIT_MS);
  }
}

function create() {
  try {
    writeFileSync(CLAIM, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder() {
  try {
    return Number(readFileSync(CLAIM, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
