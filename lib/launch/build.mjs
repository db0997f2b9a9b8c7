/** `npm run build`: installs what is missing and bundles the agent. */
import { installPackages, run } from './install.mjs';

installPackages();
run(process.execPath, ['lib/launch/bundle-agent.mjs']);
