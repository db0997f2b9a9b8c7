/** Bundles the agent alone. */
import { bundleAgent } from './bundle/bundle.mjs';

await bundleAgent();
