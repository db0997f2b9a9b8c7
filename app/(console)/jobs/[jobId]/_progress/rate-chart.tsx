'use client';

import LineChart from '@cloudscape-design/components/line-chart';
import type { ProgressSeries } from '../../../../../lib/api/schemas/work-schemas.ts';
import { formatBytes } from '../../../../../lib/domain/sizes.ts';
import { PHASES } from './progress-line.tsx';
import { type Measure, ratesOf } from './rate.ts';

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });
const round = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const SAY: Record<Measure, (rate: number) => string> = {
  bytes: (rate) => `${formatBytes(Math.round(rate))}/s`,
  objects: (rate) => `${round.format(rate)}/s`,
};

interface RateChartProps {
  /** What moves: accessible name of the chart. */
  title: string;
  series: readonly ProgressSeries[];
  measure: Measure;
}

/** How fast each phase went, over time. */
export default function RateChart({ title, series, measure }: RateChartProps) {
  const lines = series
    .map(({ phase, samples }) => ({ title: PHASES[phase], data: ratesOf(samples, measure) }))
    .filter(({ data }) => data.length > 0);
  return (
    <LineChart<Date>
      series={lines.map((line) => ({ ...line, type: 'line', valueFormatter: SAY[measure] }))}
      xScaleType="time"
      yDomain={[0, Math.max(1, ...lines.flatMap(({ data }) => data.map(({ y }) => y))) * 1.1]}
      height={220}
      hideFilter
      hideLegend={lines.length < 2}
      ariaLabel={`Rate over time: ${title}`}
      i18nStrings={{
        xTickFormatter: (at) => clock.format(at),
        yTickFormatter: (rate) => SAY[measure](rate),
      }}
      empty="Too little was heard for a chart."
    />
  );
}
