/** What the log of deliveries asks first. */
export const DELIVERIES_ASK = { query: { limit: 10 } } as const;
