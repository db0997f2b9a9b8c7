import '@cloudscape-design/global-styles/index.css';
import './globals.css';
import type { Metadata } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { guessNarrow, NARROW_COOKIE } from './_ui/guess-viewport.ts';
import { Providers } from './_ui/providers.tsx';
import { paintsDark, SCHEME_COOKIE, THEME_COOKIE, themeOf } from './_ui/theme.ts';

export const metadata: Metadata = {
  title: { template: '%s – Waybill', default: 'Waybill' },
  description: 'Moves large data by shipping disks',
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  const theme = themeOf(jar.get(THEME_COOKIE)?.value);
  const dark = paintsDark(theme, jar.get(SCHEME_COOKIE)?.value);
  const narrow = guessNarrow(jar.get(NARROW_COOKIE)?.value, await headers());
  return (
    <html lang="en" style={{ colorScheme: dark ? 'dark' : 'light' }} suppressHydrationWarning>
      <body className={dark ? 'awsui-dark-mode' : undefined} suppressHydrationWarning>
        <Providers theme={theme} narrow={narrow}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
