import type { Permission } from '../../lib/domain/permissions.ts';

interface NavRow {
  text: string;
  href: string;
  permission: Permission;
}

/** The navigation as a table: what leads where, and who needs it. */
export const NAV: readonly NavRow[] = [
  { text: 'Overview', href: '/', permission: 'job.read' },
  { text: 'Jobs', href: '/jobs', permission: 'job.read' },
  { text: 'Devices', href: '/devices', permission: 'device.read' },
  { text: 'Stores', href: '/stores', permission: 'store.read' },
  { text: 'Functions', href: '/functions', permission: 'job.read' },
  { text: 'Addresses', href: '/addresses', permission: 'address.read' },
  { text: 'Custody log', href: '/audit', permission: 'audit.read' },
  { text: 'Access tokens', href: '/tokens', permission: 'token.own' },
  { text: 'People', href: '/people', permission: 'people.read' },
  { text: 'Settings', href: '/settings', permission: 'notification.read' },
  { text: 'Account', href: '/account', permission: 'token.own' },
];

/** The row a path belongs to: the longest that it starts with. */
export function navRowOf(path: string): NavRow | undefined {
  return NAV.filter(
    (row) => path === row.href || (row.href !== '/' && path.startsWith(`${row.href}/`)),
  ).at(-1);
}

/** Way back from a page, outermost first: "Waybill / Jobs / Film archive". `title`: of the page, when its path does not say it. */
export function trailOf(path: string, title?: string): { text: string; href: string }[] {
  const trail = [{ text: 'Waybill', href: '/' }];
  const row = navRowOf(path);
  if (!row || row.href === '/') return trail;
  trail.push({ text: row.text, href: row.href });
  if (path !== row.href) {
    const last = decodeURIComponent(path.slice(row.href.length + 1));
    trail.push({ text: title ?? (last === 'new' ? 'Create job' : last), href: path });
  }
  return trail;
}
