import { expect, test } from 'vitest';
import { localPath } from './local-path.ts';

test('a path of the console stays as it is', () => {
  for (const path of ['/', '/jobs/JID1?x=1#y', '/device?user_code=AB-CD'])
    expect(localPath(path)).toBe(path);
});

test('no way leads to another site', () => {
  const tricks = [
    ...['https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example'],
    ...['/.//evil.example', 'javascript:alert(1)', '\\\\evil.example', 'http:evil.example'],
    ...[undefined, ['/a', '/b'], 'http://['],
  ];
  for (const trick of tricks) {
    const path = localPath(trick);
    expect(new URL(path, 'http://console.invalid').origin).toBe('http://console.invalid');
    expect(path).not.toMatch(/^\/[/\\]/);
  }
});
