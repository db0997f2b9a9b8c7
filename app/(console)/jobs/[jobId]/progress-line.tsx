'use client';

import ProgressBar from '@cloudscape-design/components/progress-bar';
import type { Progress } from '../../../../lib/api/schemas/work-schemas.ts';
import { formatBytes } from '../../../../lib/domain/sizes.ts';

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
  const share = totalBytes > 0 ? bytes / totalBytes : totalObjects > 0 ? objects / totalObjects : 1;
  return (
    <ProgressBar
      label={PHASES[phase]}
      value={Math.min(100, share * 100)}
      additionalInfo={`${formatBytes(bytes)} of ${formatBytes(totalBytes)}, ${objects.toLocaleString('en')} of ${totalObjects.toLocaleString('en')} objects`}
    />
  );
}
