/** Objects up to this size go in one request; of larger ones no part is smaller, but for the last. */
export const REQUEST_BYTES = 16 * 1024 * 1024;
