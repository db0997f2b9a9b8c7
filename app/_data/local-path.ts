const HERE = 'http://console.invalid';

/** A path of this console from what an address says, else "/": never a way to another site. */
export function localPath(text: unknown): string {
  if (typeof text !== 'string' || !URL.canParse(text, HERE)) return '/';
  const { origin, pathname, search, hash } = new URL(text, HERE);
  return origin === HERE && !pathname.startsWith('//') ? pathname + search + hash : '/';
}
