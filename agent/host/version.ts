declare const __WAYBILL_VERSION__: string | undefined;

/** The version of this program; the bundle has it from package.json, a checkout says so. */
export const VERSION = typeof __WAYBILL_VERSION__ === 'string' ? __WAYBILL_VERSION__ : 'checkout';
export const AGENT_VERSION = `waybill/${VERSION}`;
