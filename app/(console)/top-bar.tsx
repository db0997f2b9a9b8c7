'use client';

import TopNavigation from '@cloudscape-design/components/top-navigation';
import { useRouter } from 'next/navigation';
import { type Person, useSignOut } from '../_data/session.tsx';
import { THEMES, type Theme } from '../_ui/theme.ts';
import { useTheme } from '../_ui/theme-switch.tsx';

const THEME_WORDS: Record<Theme, string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
};

/** Who is signed in, the colours, and the way out. Not a `<header>`: axe sees two banners then. */
export function TopBar({ person }: { person: Person }) {
  const router = useRouter();
  const { theme, setTheme } = useTheme();
  const signOut = useSignOut();
  return (
    <div id="top">
      <TopNavigation
        identity={{
          href: '/',
          title: 'Waybill',
          onFollow: (event) => {
            event.preventDefault();
            router.push('/');
          },
        }}
        utilities={[
          {
            type: 'menu-dropdown',
            iconName: 'settings',
            ariaLabel: 'Colours',
            title: 'Colours',
            items: THEMES.map((id) => ({
              id,
              text: THEME_WORDS[id],
              itemType: 'checkbox',
              checked: id === theme,
            })),
            onItemClick: (event) => {
              const chosen = THEMES.find((id) => id === event.detail.id);
              if (chosen) setTheme(chosen);
            },
          },
          {
            type: 'menu-dropdown',
            iconName: 'user-profile',
            text: person.name,
            description: `${person.email}, ${person.role}`,
            items: [
              { id: 'account', text: 'Account' },
              { id: 'tokens', text: 'Access tokens' },
              { id: 'sign-out', text: 'Sign out' },
            ],
            onItemClick: (event) => {
              if (event.detail.id === 'sign-out') void signOut();
              else router.push(`/${event.detail.id}`);
            },
          },
        ]}
      />
    </div>
  );
}
