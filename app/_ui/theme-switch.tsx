'use client';

import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { createContext, type ReactNode, use, useEffect, useState } from 'react';
import { remember } from './cookie.ts';
import { SCHEME_COOKIE, THEME_COOKIE, type Theme } from './theme.ts';

const ThemeContext = createContext<{ theme: Theme; setTheme: (theme: Theme) => void }>({
  theme: 'system',
  setTheme: () => {},
});

/** Keeps the page in the chosen colours, and follows the system while the choice is `system`. */
export function ThemeProvider({ initial, children }: { initial: Theme; children: ReactNode }) {
  const [theme, setTheme] = useState<Theme>(initial);
  useEffect(() => {
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    const paint = () => {
      const dark = theme === 'system' ? system.matches : theme === 'dark';
      applyMode(dark ? Mode.Dark : Mode.Light);
      document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
      remember(SCHEME_COOKIE, system.matches ? 'dark' : 'light');
    };
    remember(THEME_COOKIE, theme);
    paint();
    system.addEventListener('change', paint);
    return () => system.removeEventListener('change', paint);
  }, [theme]);
  return <ThemeContext value={{ theme, setTheme }}>{children}</ThemeContext>;
}

/** The chosen theme and the way to choose another. */
export function useTheme() {
  return use(ThemeContext);
}
