/** Light or dark: what the person chose, and what it comes to on their machine. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Cookie with the person's choice. */
export const THEME_COOKIE = 'waybill-theme';
/** Cookie with what `system` came to at the last visit, so that the server paints the right one at once. */
export const SCHEME_COOKIE = 'waybill-scheme';

/** Reads a cookie's value; anything unknown is `system`. */
export function themeOf(cookie: string | undefined): Theme {
  return cookie === 'light' || cookie === 'dark' ? cookie : 'system';
}

/** Whether to paint dark: the choice, else what the system preferred last. */
export function paintsDark(theme: Theme, scheme: string | undefined): boolean {
  return theme === 'system' ? scheme === 'dark' : theme === 'dark';
}
