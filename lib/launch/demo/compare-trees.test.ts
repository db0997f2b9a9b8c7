import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { markBucket } from '../../stores/local/bucket-marker.ts';
import { tempDir } from '../../testing/temp.ts';
import { compareTrees } from './compare-trees.ts';

const EXCEPT = 'waybill-reports/';

function treeOf(files: Record<string, string>): string {
  const dir = tempDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

test('what the store keeps for itself beside the data is no difference', () => {
  const destination = treeOf({ 'a/b': 'one', 'waybill-reports/summary.json': '{}' });
  markBucket({
    kind: 'directory',
    root: join(destination, '..'),
    bucket: destination.split('/').at(-1) ?? '',
  });
  const { same, mismatches } = compareTrees(treeOf({ 'a/b': 'one' }), destination, EXCEPT);
  expect({ same, mismatches }).toEqual({ same: 1, mismatches: [] });
});

test('what is missing, more than there was, or different is named', () => {
  const source = treeOf({ gone: '1', changed: '2', same: '3' });
  const destination = treeOf({ changed: 'two', same: '3', more: '4' });
  const { same, mismatches } = compareTrees(source, destination, EXCEPT);
  expect({ same, mismatches }).toEqual({ same: 1, mismatches: ['changed', 'gone', 'more'] });
});
