import { expect, test } from 'vitest';
import { guessNarrow } from './guess-viewport.ts';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148';

test('a page is painted for the window of the last visit, else for what the browser says it is', () => {
  const cases: [cookie: string | undefined, headers: Record<string, string>, narrow: boolean][] = [
    [undefined, {}, false],
    [undefined, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }, false],
    [undefined, { 'user-agent': IPHONE }, true],
    [undefined, { 'user-agent': IPHONE, 'sec-ch-ua-mobile': '?0' }, false],
    [undefined, { 'sec-ch-ua-mobile': '?1' }, true],
    ['no', { 'sec-ch-ua-mobile': '?1' }, false],
    ['yes', { 'sec-ch-ua-mobile': '?0' }, true],
    ['perhaps', { 'user-agent': IPHONE }, true],
  ];
  for (const [cookie, headers, narrow] of cases)
    expect({ cookie, headers, narrow: guessNarrow(cookie, new Headers(headers)) }).toEqual({
      cookie,
      headers,
      narrow,
    });
});
