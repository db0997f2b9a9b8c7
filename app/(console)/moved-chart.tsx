'use client';

import BarChart, { type BarChartProps } from '@cloudscape-design/components/bar-chart';
import type { CallResult } from '../../lib/api/client.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';

type Days = CallResult<'overview'>['days'];

const date = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const nameOf = (day: string): string => date.format(new Date(day));

function bars(days: Days, title: string, field: 'imported' | 'exported') {
  const data = days.map(({ day, [field]: y }) => ({ x: nameOf(day), y }));
  return { type: 'bar', title, data, valueFormatter: formatBytes } as const;
}

/** Bytes of the jobs that were completed, a bar a day. */
export default function MovedChart({ days, height }: { days: Days; height: number }) {
  const anyMoved = days.some(({ imported, exported }) => imported + exported > 0);
  const series: BarChartProps<string>['series'] = anyMoved
    ? [bars(days, 'Imported', 'imported'), bars(days, 'Exported', 'exported')]
    : [];
  return (
    <BarChart
      stackedBars
      hideFilter
      height={height}
      xScaleType="categorical"
      xDomain={days.map(({ day }) => nameOf(day))}
      ariaLabel="Bytes of completed jobs, a bar a day"
      series={series}
      i18nStrings={{ yTickFormatter: formatBytes }}
      empty="No job was completed in these days. A completed import or export adds its bytes here."
    />
  );
}
