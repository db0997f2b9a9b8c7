'use client';
import { PageFrame } from '../_ui/page-frame.tsx';
import { LifecycleBar } from './jobs/[jobId]/lifecycle-bar.tsx';
import { OptionComparison } from './jobs/new/option-comparison.tsx';
export default function Page() {
  return (
    <PageFrame title="Overview">
      <OptionComparison />
      <LifecycleBar
        option="snowball"
        type="import"
        state="at-site"
        outcome={null}
        attention={false}
      />
    </PageFrame>
  );
}
