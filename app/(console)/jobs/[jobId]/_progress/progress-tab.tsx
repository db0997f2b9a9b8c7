'use client';

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';
import type { ProgressSeries } from '../../../../../lib/api/schemas/work-schemas.ts';
import { FINAL_STATES } from '../../../../../lib/domain/lifecycle.ts';
import { progressStatusOf } from '../../../../../lib/domain/progress.ts';
import { formatBytes, formatDuration } from '../../../../../lib/domain/sizes.ts';
import type { JobType } from '../../../../../lib/domain/words.ts';
import { useApi } from '../../../../_data/api.ts';
import { CopyStatus } from '../../../../_parts/status.tsx';
import { Failure } from '../../../../_ui/failure.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import { Signed } from '../../../../_ui/status-icon.tsx';
import { useNow } from '../../../../_ui/use-now.ts';
import { OperationsCard } from './operations-card.tsx';
import { ProcessingCard } from './processing-card.tsx';
import { PHASES } from './progress-line.tsx';
import type { Measure } from './rate.ts';

type Phase = ProgressSeries['phase'];

const n = (count: number): string => count.toLocaleString('en');

/** Of a chart with its axis. */
const CHART_PX = 260;

/** Charts are large: they come when they are wanted. Their place is kept, so that nothing jumps. */
const RateChart = dynamic(() => import('./rate-chart.tsx'), {
  ssr: false,
  loading: () => (
    <div style={{ height: CHART_PX }}>
      <Spinner />
    </div>
  ),
});

const LOAD: readonly Phase[] = ['scan', 'copy', 'parity', 'verify', 'seal'];
/** Where the phases of a job's work are done: what loads a volume for an import unloads it for an export. */
const PLACES: Record<JobType, readonly { title: string; phases: readonly Phase[] }[]> = {
  import: [
    { title: 'Copy at the site', phases: LOAD },
    { title: 'Import at the facility', phases: ['import', 'erase'] },
  ],
  export: [
    { title: 'Export at the facility', phases: LOAD },
    { title: 'Restore at the site', phases: ['export'] },
    { title: 'Erasure at the facility', phases: ['erase'] },
  ],
};

/** How copy, import and export go: live, and afterwards. */
export function ProgressTab({ job }: { job: JobDetail }) {
  const { data, error, refetch } = useApi('jobProgress', { params: { jobId: job.id } });
  const series = data?.series ?? [];
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!job.progress && series.length === 0) {
    return (
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Progress</Header>}>
          <Box color="text-body-secondary">
            {data
              ? 'Nothing was heard yet. Copy, import and export appear here while they run; from a site without a network, once its agent reaches the console.'
              : 'Loading progress'}
          </Box>
        </Container>
        <OperationsCard job={job} />
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween size="l">
      <CurrentCard job={job} series={series} />
      {PLACES[job.type].map(({ title, phases }) => {
        const here = series.filter(({ phase }) => phases.includes(phase));
        return here.length > 0 && <RateCard key={title} title={title} series={here} />;
      })}
      {job.processingResults && <ProcessingCard results={job.processingResults} />}
      <OperationsCard job={job} />
    </SpaceBetween>
  );
}

/** Whoever works tells it every few seconds. */
const SILENT_MS = 60_000;
/** The pace is that of so much time. */
const WINDOW_MS = 20_000;
const LOOK_MS = 15_000;

/** A job never stalls unseen: its agent may have been stopped. */
const Silence = ({ ms }: { ms: number }) => (
  <Box>
    <Signed type="warning">
      Nothing for {formatDuration(ms)}: what works on the device was stopped, or its host does not
      reach the console. The same command goes on from where it was.
    </Signed>
  </Box>
);

/** The phase that runs, or ran last. */
function CurrentCard({ job, series }: { job: JobDetail; series: readonly ProgressSeries[] }) {
  const { progress } = job;
  const now = useNow(LOOK_MS);
  if (!progress) return null;
  const { phase, bytes, totalBytes, objects, totalObjects, skipped, failed, at } = progress;
  const isOver = FINAL_STATES.includes(job.state);
  const silentMs = now - Date.parse(at);
  const samples = series.find((one) => one.phase === phase)?.samples ?? [];
  const moments = samples.map((one) => ({ ...one, atMs: Date.parse(one.at) }));
  const status = progressStatusOf(progress, moments, WINDOW_MS);
  const { isDone, leftMs: left, bytesPerSecond: rate, objectsPerSecond: pace } = status;
  return (
    <Container
      header={
        <Header
          variant="h2"
          info={<CopyStatus phase={job.copyPhase} />}
          description={
            <>
              Last heard of: <Instant at={at} />
              {silentMs > SILENT_MS && !isDone && !isOver && <Silence ms={silentMs} />}
            </>
          }
        >
          {isOver ? 'At the end' : 'Now'}
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Phase', value: PHASES[phase] },
          {
            label: 'Objects',
            value: phase === 'parity' ? '–' : `${n(objects)} of ${n(totalObjects)}`,
          },
          { label: 'Bytes', value: `${formatBytes(bytes)} of ${formatBytes(totalBytes)}` },
          {
            label: 'Time left',
            value: left === undefined ? 'not known yet' : isDone ? 'done' : formatDuration(left),
          },
          {
            label: 'Rate',
            value: rate === undefined ? '–' : `${formatBytes(Math.round(rate))}/s`,
          },
          {
            label: 'Objects a second',
            value: pace === undefined ? '–' : n(Math.round(pace)),
          },
          { label: 'Left out by rule', value: n(skipped) },
          { label: 'Failed', value: n(failed) },
        ]}
      />
    </Container>
  );
}

function RateCard({ title, series }: { title: string; series: readonly ProgressSeries[] }) {
  const [measure, setMeasure] = useState<Measure>('bytes');
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SegmentedControl
              label={`Measure of the rate: ${title}`}
              selectedId={measure}
              options={[
                { id: 'bytes', text: 'Bytes' },
                { id: 'objects', text: 'Objects' },
              ]}
              onChange={({ detail }) => setMeasure(detail.selectedId as Measure)}
            />
          }
        >
          {title}
        </Header>
      }
    >
      <RateChart title={title} series={series} measure={measure} />
    </Container>
  );
}
