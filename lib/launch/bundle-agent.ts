/** Bundles the agent alone. */
import { bundleAgent } from './bundle/bundle.ts';

await bundleAgent();
