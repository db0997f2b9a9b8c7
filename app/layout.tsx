import '@cloudscape-design/global-styles/index.css';
import './globals.css';
import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
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
  return (
    <html lang="en" style={{ colorScheme: dark ? 'dark' : 'light' }} suppressHydrationWarning>
      <body className={dark ? 'awsui-dark-mode' : undefined} suppressHydrationWarning>
        <Providers theme={theme}>{children}</Providers>
      </body>
    </html>
  );
}
