export const EMBEDDED_STORE = 'embedded';

export const EMBEDDED_BUCKET = 'default';

export const EMBEDDED_STATION = 'embedded';
