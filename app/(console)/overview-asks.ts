/** What the home page asks of the jobs. */
export const ATTENTION_ASK = { query: { attention: 'true', limit: 20 } } as const;
export const NEWEST_ASK = { query: { limit: 10 } } as const;
