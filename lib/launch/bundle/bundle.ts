import { chmodSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { ROOT } from '../root.mjs';
import { BUNDLE, FUNCTION_RUNNER } from './bundle-options.mjs';
import { bundleThread } from './bundle-thread.mjs';

/** Every program start reads the bundle: error texts in fifty languages that nothing shows are left out. */
const englishOnly = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    })),
};
// CommonJS packages inside an ES module still call require for Node's own modules.
const banner =
  "#!/usr/bin/env node\nimport{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/** The agent: one file that runs with plain Node, in an empty folder, without a native module. */
export async function bundleAgent() {
  await bundleProgram(`${ROOT}agent/main.ts`, `${ROOT}dist/waybill.mjs`);
  chmodSync(`${ROOT}dist/waybill.mjs`, 0o755);
}

/** One file of a program that transfers. */
export async function bundleProgram(entry, outfile) {
  await build({
    ...BUNDLE,
    entryPoints: [entry],
    outfile,
    minify: true,
    define: {
      ...BUNDLE.define,
      __WAYBILL_FUNCTION_RUNNER__: JSON.stringify(readFileSync(FUNCTION_RUNNER, 'utf8')),
      __WAYBILL_THREAD__: JSON.stringify(await bundleThread()),
    },
    plugins: [englishOnly],
    // A native module, used where it is installed.
    external: ['sharp'],
    banner: { js: banner },
  });
}

/** The console host's own program; it uses the packages of the checkout. */
export async function bundleAdmin() {
  await build({
    ...BUNDLE,
    entryPoints: [`${ROOT}lib/server/admin/main.ts`],
    outfile: `${ROOT}dist/waybill-admin.mjs`,
    packages: 'external',
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(`${ROOT}dist/waybill-admin.mjs`, 0o755);
}
