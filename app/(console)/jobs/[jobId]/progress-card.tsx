'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import { useRef } from 'react';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import type { Progress } from '../../../../lib/api/schemas/work-schemas.ts';
import { formatBytes, formatDuration } from '../../../../lib/domain/sizes.ts';
import { Instant } from '../../../_ui/instant.tsx';
import { addSample, etaMs, rateOf, type Sample } from './rate.ts';

const PHASES: Record<Progress['phase'], string> = {
  scan: 'Looking at the source',
  copy: 'Copying to the device',
  parity: 'Writing recovery data',
  verify: 'Reading the device back',
  seal: 'Sealing the volume',
  import: 'Importing into the store',
  export: 'Writing out at the site',
  erase: 'Erasing the device',
};

/** How the copy, import or export goes, as far as it was heard of. */
export function ProgressCard({ job }: { job: JobDetail }) {
  const samples = useRef<{ phase: string; list: readonly Sample[] }>({ phase: '', list: [] });
  const { progress } = job;
  if (!progress) return null;
  const { phase, bytes, totalBytes, objects, totalObjects, skipped, failed, at } = progress;
  const before = samples.current.phase === phase ? samples.current.list : [];
  samples.current = { phase, list: addSample(before, { bytes, atMs: Date.parse(at) }) };
  const rate = rateOf(samples.current.list);
  const left = etaMs(totalBytes - bytes, rate);
  const share = totalBytes > 0 ? bytes / totalBytes : totalObjects > 0 ? objects / totalObjects : 1;
  const details = [
    `${objects.toLocaleString('en')} of ${totalObjects.toLocaleString('en')} objects`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    ...(rate > 0 ? [`${formatBytes(Math.round(rate))}/s`] : []),
    ...(left === undefined || left === 0 ? [] : [`${formatDuration(left)} left`]),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            <>
              Last heard of: <Instant at={at} />
            </>
          }
        >
          Progress
        </Header>
      }
    >
      <ProgressBar
        label={PHASES[phase]}
        value={Math.min(100, share * 100)}
        additionalInfo={details.join(' · ')}
      />
    </Container>
  );
}
