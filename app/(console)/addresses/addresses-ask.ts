interface Asked {
  archived: 'true' | 'false';
  before?: number | undefined;
  text?: string;
}

/** What the API is asked for a page of the list. */
export const addressesAsk = ({ archived, before, text }: Asked) => ({
  query: { archived, before, ...(text && { text }) },
});
