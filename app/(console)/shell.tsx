'use client';

import AppLayout from '@cloudscape-design/components/app-layout';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { permits } from '../../lib/domain/permissions.ts';
import type { Person } from '../_data/session.tsx';
import { Notices } from '../_ui/notices.tsx';
import { useNarrow } from '../_ui/viewport-width.tsx';
import { NAV, navRowOf } from './nav.ts';
import { TopBar } from './top-bar.tsx';
import { Trail } from './trail.tsx';

const LABELS = {
  navigation: 'Main navigation',
  navigationToggle: 'Open navigation',
  navigationClose: 'Close navigation',
  notifications: 'Notices',
};

/** Frame of every page of the console: top bar, side navigation, way back, notices, content. */
export function Shell({ person, children }: { person: Person; children: ReactNode }) {
  const router = useRouter();
  const path = usePathname();
  const narrow = useNarrow();
  const [chosen, setOpen] = useState<boolean>();
  const follow = (event: CustomEvent<{ href?: string; external?: boolean }>) => {
    if (event.detail.external || !event.detail.href) return;
    event.preventDefault();
    router.push(event.detail.href);
  };
  return (
    <>
      <TopBar person={person} />
      <AppLayout
        headerSelector="#top"
        toolsHide
        ariaLabels={LABELS}
        navigationOpen={chosen ?? !narrow}
        onNavigationChange={(event) => setOpen(event.detail.open)}
        navigation={
          <SideNavigation
            header={{ text: 'Waybill', href: '/' }}
            activeHref={navRowOf(path)?.href ?? ''}
            onFollow={follow}
            items={NAV.filter((row) => permits(person.role, row.permission)).map((row) => ({
              type: 'link',
              text: row.text,
              href: row.href,
            }))}
          />
        }
        breadcrumbs={<Trail path={path} onFollow={follow} />}
        notifications={<Notices />}
        content={children}
      />
    </>
  );
}
