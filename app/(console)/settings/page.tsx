import type { Metadata } from 'next';
import { Answered } from '../../_data/prefetched.tsx';
import { DELIVERIES_ASK } from './deliveries-ask.ts';
import { SettingsView } from './settings-view.tsx';

export const metadata: Metadata = { title: 'Settings' };

export default function Page() {
  return (
    <Answered
      asks={[
        ['listTargets'],
        ['listDeliveries', DELIVERIES_ASK],
        ['notificationSettings'],
        ['facilityAddress'],
      ]}
    >
      <SettingsView />
    </Answered>
  );
}
