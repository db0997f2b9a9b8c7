/** What a browser calls itself; the first that fits, since most call themselves after others, too. */
const BROWSERS = [
  [/Edg\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
] as const;
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const;

/** "Firefox 140 on Linux", from the User-Agent of a browser. */
export function browserOf(userAgent: string | null): string {
  const text = userAgent ?? '';
  const [name, version] = BROWSERS.flatMap(([pattern, label]) => {
    const found = pattern.exec(text);
    return found ? [label, found[1]] : [];
  });
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1];
  if (!name) return text === '' ? 'an unknown browser' : text;
  return `${name} ${version}${system ? ` on ${system}` : ''}`;
}
