import { readFileSync } from 'node:fs';
import { checkedLabel, withDevice } from '../../../../agent/host/device.ts';
import { isWaybillError } from '../../../domain/errors.ts';
import type { ManifestPayload } from '../../../keys/manifest/payload.ts';
import { type UnloadOptions, unload } from '../../../transfer/unload/unload.ts';

/** Unloads what it is told to, in a process with little memory. */

/** Options as they cross to this process. */
export type ChildRequest = Omit<UnloadOptions, 'jobKey' | 'onEvent' | 'signal'> & {
  jobKeyBase64: string;
};

export type ChildAnswer =
  | { refused: string; message: string }
  | { bug: string }
  | { objects: number; failed: number; outcome: string; rssBytes: number };

async function answer({ jobKeyBase64, ...options }: ChildRequest): Promise<ChildAnswer> {
  const jobKey = Buffer.from(jobKeyBase64, 'base64');
  const { jobId, deviceId, volumeId, kind } = options.label;
  const payload = { jobId, deviceId, volumeId, volumeKind: kind } as ManifestPayload;
  try {
    const label = checkedLabel(options.deviceDir, payload);
    const { summary } = await withDevice(options.deviceDir, {}, () =>
      unload({ ...options, label, jobKey }),
    );
    const { objects, failed, outcome } = summary;
    return { objects, failed, outcome, rssBytes: peakBytes() };
  } catch (error) {
    if (isWaybillError(error)) return { refused: error.code, message: error.message };
    return { bug: error instanceof Error ? String(error.stack) : String(error) };
  }
}

/** The most memory this process ever had (Linux; elsewhere what it has now). */
function peakBytes(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kib) * 1024;
  } catch {
    return process.memoryUsage.rss();
  }
}

process.on('message', async (request: ChildRequest) => {
  process.send?.(await answer(request));
});
process.send?.('ready');
