/** Header in which a page finds its own address; set inside the console, whatever a client sends. */
export const PATH_HEADER = 'x-waybill-path';
