'use client';

import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { Progress } from '../../../../../lib/api/schemas/work-schemas.ts';
import { progressStatusOf } from '../../../../../lib/domain/progress.ts';
import { formatBytes } from '../../../../../lib/domain/sizes.ts';

export const PHASES: Record<Progress['phase'], string> = {
  scan: 'Looking at the source',
  copy: 'Copying to the device',
  parity: 'Writing recovery data',
  verify: 'Reading the device back',
  seal: 'Sealing the volume',
  import: 'Importing into the store',
  export: 'Writing out at the site',
  erase: 'Erasing the device',
};

/** How far the current phase has come. */
export function ProgressLine({ progress }: { progress: Progress }) {
  const { phase, bytes, totalBytes, objects, totalObjects } = progress;
  const { share, percent } = progressStatusOf(progress, [], 0);
  // Recovery data has bytes only.
  const counted =
    totalObjects === 0
      ? ''
      : `, ${objects.toLocaleString('en')} of ${totalObjects.toLocaleString('en')} objects`;
  const done = `${formatBytes(bytes)} of ${formatBytes(totalBytes)}${counted}`;
  const soFar = `${objects.toLocaleString('en')} objects, ${formatBytes(bytes)} so far`;
  return (
    <ProgressBar
      label={PHASES[phase]}
      // The bar rounds what it is given, and it is full at the end alone.
      value={Math.floor(Number(percent ?? 0))}
      additionalInfo={share === undefined ? soFar : done}
    />
  );
}
