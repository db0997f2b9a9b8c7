import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, sourceFiles } from './source-files.ts';

/**
 * The structure of the code: no circle of imports, and one direction between folders that lie side by side. Type
 * imports count: who reads the one file has to read the other all the same.
 */

const files = sourceFiles().filter((file) => !/\.(test|spec)\.tsx?$/.test(file));
const known = new Set(files);

/** What a file imports, of ours. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].flatMap(
    ([, path]) => {
      const target = normalize(join(dirname(file), path ?? ''));
      return known.has(target) ? [target] : [];
    },
  );
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** Files that reach each other: the strongly connected parts of more than one file (Tarjan 1972). */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const place = index.size;
    index.set(file, place);
    let lowest = place;
    open.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!index.has(target)) lowest = Math.min(lowest, visit(target));
      else if (open.includes(target)) lowest = Math.min(lowest, index.get(target) ?? 0);
    }
    if (lowest === place) {
      const part = open.splice(open.indexOf(file));
      if (part.length > 1) found.push(part.sort());
    }
    return lowest;
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found;
}

/** Folders side by side that import each other, with the imports of the way that has fewer. */
function climbs(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const ways = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    for (const target of targets) {
      const [from, to] = siblings(file, target) ?? [];
      if (from === undefined) continue;
      const way = `${from} ${to}`;
      ways.set(way, [...(ways.get(way) ?? []), `${file} imports ${target}`]);
    }
  }
  return [...ways].flatMap(([way, list]) => {
    const back = ways.get(way.split(' ').reverse().join(' ')) ?? [];
    return back.length > list.length || (back.length === list.length && back < list) ? list : [];
  });
}

/** The two folders in which the ways to two files part; undefined when one of the files lies where they part. */
function siblings(a: string, b: string): [string, string] | undefined {
  const [left, right] = [a.split('/'), b.split('/')];
  let depth = 0;
  while (left[depth] === right[depth]) depth += 1;
  if (depth >= left.length - 1 || depth >= right.length - 1) return undefined;
  const upTo = (parts: string[]) =>
    parts
      .slice(0, depth + 1)
      .join('/')
      .replaceAll(' ', '_');
  return [upTo(left), upTo(right)];
}

/** What starts programs and what tests them stands above and below everything. */
const isHarness = (file: string) => /^(lib\/(testing|launch)|e2e)\//.test(file);

describe('imports', () => {
  test('make no circle', () => {
    expect(circles(imports)).toEqual([]);
  });

  test('go one way between folders that lie side by side', () => {
    const product = new Map([...imports].filter(([file]) => !isHarness(file)));
    expect(climbs(product)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  test('find a circle, and only its files', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b', 'd']],
      ['d', []],
    ]);
    expect(circles(graph)).toEqual([['b', 'c']]);
  });

  test('find folders that import each other', () => {
    const graph = new Map([
      ['x/a/1.ts', ['x/b/1.ts', 'x/c.ts']],
      ['x/a/2.ts', ['x/b/1.ts']],
      ['x/b/1.ts', ['x/a/3.ts']],
      ['x/c.ts', ['x/a/1.ts']],
    ]);
    expect(climbs(graph)).toEqual(['x/b/1.ts imports x/a/3.ts']);
  });
});
