import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { chooseParts, type Part } from './parts.ts';

const part = (name: string): Part => ({ name, about: '', run: () => {} });
const ALL = ['lint', 'types', 'unit'].map(part);
const chosen = (...argv: string[]) => {
  const { parts, args } = chooseParts(argv, ALL);
  return [parts.map(({ name }) => name), args];
};

describe('parts of the tests', () => {
  test('are all of them without a name, else the named ones, in the order of the table', () => {
    expect(chosen()).toEqual([['lint', 'types', 'unit'], []]);
    expect(chosen('unit', 'lint')).toEqual([['lint', 'unit'], []]);
  });

  test('hand what follows a single one to its tool', () => {
    expect(chosen('unit', 'lib/transfer', '-t', 'lint')).toEqual([
      ['unit'],
      ['lib/transfer', '-t', 'lint'],
    ]);
  });

  test.each([[['lib/transfer']], [['lint', 'types', 'lib/transfer']], [['browsers']]])(
    'refuse a name that is none: %j',
    (argv) => {
      expect(() => chooseParts(argv, ALL)).toThrow(expect.objectContaining({ code: 'Usage' }));
    },
  );

  test('stop at the first that fails, with its exit code, and say the time of each', () => {
    const parts = fileURLToPath(new URL('./parts.ts', import.meta.url));
    const code = `import { runParts } from ${JSON.stringify(parts)};
      const part = (name, run) => ({ name, about: '', run });
      const parts = [part('good', () => {}), part('bad', () => process.exit(7)), part('never', () => console.log('ran'))];
      await runParts({ parts, args: [] });`;
    const argv = ['--import', 'tsx', '--input-type=module', '-e', code];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect(status).toBe(7);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^\ngood +\d+\.\d s {2}passed\nbad +\d+\.\d s {2}failed\n$/);
  });
});
