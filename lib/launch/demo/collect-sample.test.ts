import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../testing/temp.ts';
import { collectSample } from './collect-sample.ts';

test('the demo finds tables, texts and pictures in every checkout', () => {
  const dir = collectSample(join(tempDir(), 'sample'));
  for (const path of ['tables/packages.csv', 'documents/README.md', 'pictures/console.png'])
    expect(existsSync(join(dir, path)), path).toBe(true);
});
