/** Bundles the agent alone. */
import { bundleAgent } from './bundle.mjs';

await bundleAgent();
