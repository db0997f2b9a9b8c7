import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from '../root.mjs';
import { BUNDLE, FUNCTION_RUNNER } from './bundle-options.ts';
import { bundleThread } from './bundle-thread.ts';
import type { Sizes } from './sizes.ts';

/** Every program start reads the bundle: error texts in fifty languages that nothing shows are left out. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    })),
};
// CommonJS packages inside an ES module still call require for Node's own modules.
const banner =
  "#!/usr/bin/env node\nimport{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

const AGENT = { entry: `${ROOT}agent/main.ts`, outfile: `${ROOT}dist/waybill.mjs` };

/** The agent: one file that runs with plain Node, in an empty folder, without a native module. */
export function bundleAgent(): Promise<Sizes> {
  return bundleProgram(AGENT.entry, AGENT.outfile);
}

/** How large `bundleAgent` would make its programs. */
export async function measureAgent(): Promise<Sizes> {
  return sizesOf(await makeProgram(AGENT.entry));
}

/** One file of a program that transfers. */
export async function bundleProgram(entry: string, outfile: string): Promise<Sizes> {
  const program = await makeProgram(entry);
  mkdirSync(dirname(outfile), { recursive: true });
  // In one step: tests bundle it while others run it.
  const unfinished = `${outfile}.${process.pid}`;
  writeFileSync(unfinished, program.text);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, outfile);
  return sizesOf(program);
}

/** A program, and the one of its threads, which it carries. */
interface Program {
  text: string;
  thread: string;
}

async function makeProgram(entry: string): Promise<Program> {
  const thread = await bundleThread();
  const { outputFiles } = await build({
    ...BUNDLE,
    entryPoints: [entry],
    write: false,
    minify: true,
    define: {
      ...BUNDLE.define,
      __WAYBILL_FUNCTION_RUNNER__: JSON.stringify(readFileSync(FUNCTION_RUNNER, 'utf8')),
      __WAYBILL_THREAD__: JSON.stringify(thread),
    },
    plugins: [englishOnly],
    // A native module, used where it is installed.
    external: ['sharp'],
    banner: { js: banner },
  });
  return { text: outputFiles.map(({ text }) => text).join(''), thread };
}

const sizesOf = ({ text, thread }: Program): Sizes => ({
  agent: Buffer.byteLength(text),
  thread: Buffer.byteLength(thread),
});

/** The console host's own program; it uses the packages of the checkout. */
export async function bundleAdmin(): Promise<void> {
  const outfile = `${ROOT}dist/waybill-admin.mjs`;
  await build({
    ...BUNDLE,
    entryPoints: [`${ROOT}lib/server/admin/main.ts`],
    outfile,
    packages: 'external',
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(outfile, 0o755);
}
