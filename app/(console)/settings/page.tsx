import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { DELIVERIES_ASK } from './deliveries-ask.ts';
import { SettingsView } from './settings-view.tsx';

export const metadata: Metadata = { title: 'Settings' };

export default function Page() {
  return (
    <Prefetched
      asks={[
        ['listTargets'],
        ['listDeliveries', DELIVERIES_ASK],
        ['notificationSettings'],
        ['facilityAddress'],
      ]}
    >
      <SettingsView />
    </Prefetched>
  );
}
