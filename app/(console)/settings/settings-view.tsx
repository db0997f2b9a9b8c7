'use client';

import { permits } from '../../../lib/domain/permissions.ts';
import { usePerson } from '../../_data/session.tsx';
import { PageFrame } from '../../_ui/page-frame.tsx';
import { DeliveriesCard } from './deliveries-card.tsx';
import { ErasingCard } from './erasing-card.tsx';
import { FacilityCard } from './facility-card.tsx';
import { MailCard } from './mail-card.tsx';
import { NetworkCard } from './network-card.tsx';
import { SealsCard } from './seals-card.tsx';
import { TargetsCard } from './targets-card.tsx';

/** What the installation is set to: who is told what, by which way, and where the facility is. */
export function SettingsView() {
  const { role } = usePerson();
  const mayManage = permits(role, 'settings.manage');
  const mayRead = permits(role, 'notification.read');
  return (
    <PageFrame
      title="Settings"
      description="Who is told what happens to jobs, how mail is sent, and where the facility is."
    >
      {mayRead && <TargetsCard mayManage={mayManage} />}
      {mayRead && <DeliveriesCard mayManage={mayManage} />}
      {mayManage && <MailCard />}
      {mayManage && <NetworkCard />}
      <ErasingCard mayManage={mayManage} />
      <SealsCard mayManage={mayManage} />
      <FacilityCard mayManage={mayManage} />
    </PageFrame>
  );
}
