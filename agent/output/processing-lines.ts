import type { ProcessingResults } from '../../lib/domain/processing-results.ts';
import { formatBytes, formatDuration } from '../../lib/domain/sizes.ts';
import { amount } from './output.ts';

/** Steps of a sample take less than a second. */
const lasted = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms));

/** What the steps did, a line each. */
export function processingLines({ inputs, outputs, kept, steps }: ProcessingResults): string[] {
  const { objects, bytes } = inputs;
  return [
    `processed ${amount(objects, bytes)} into ${amount(outputs.objects, outputs.bytes)}`,
    ...steps.map((step, i) => {
      const { objectsIn, bytesIn, objectsOut, bytesOut, failures, ms } = step;
      const from = `${objectsIn} (${formatBytes(bytesIn)})`;
      const to = `${objectsOut} (${formatBytes(bytesOut)})`;
      return `  ${i + 1}. ${step.step}: ${from} → ${to}, ${failures} failed, ${lasted(ms)}`;
    }),
    ...(kept > 0 ? [`  ${kept} kept as they were, because a step failed`] : []),
  ];
}
