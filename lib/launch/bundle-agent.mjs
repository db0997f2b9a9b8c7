import { chmodSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { ROOT } from './install.mjs';

/** Bundles the agent into one file that runs with plain Node, in an empty folder, without a native module. */
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
await build({
  entryPoints: [`${ROOT}agent/main.ts`],
  outfile: `${ROOT}dist/waybill.mjs`,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  define: { __WAYBILL_VERSION__: JSON.stringify(version) },
  // CommonJS packages inside an ES module still call require for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
  },
});
chmodSync(`${ROOT}dist/waybill.mjs`, 0o755);
